package dev.tandem.harness.processor;

import dev.tandem.harness.Dimension;
import dev.tandem.harness.Event;
import dev.tandem.harness.FailureCategory;
import dev.tandem.harness.Hook;
import dev.tandem.harness.Outcome;
import dev.tandem.harness.Parameter;
import dev.tandem.harness.Processor;
import dev.tandem.harness.ProcessorType;
import dev.tandem.harness.Requirement;
import java.util.List;
import java.util.Set;

/** Puts a frame around what the model is told at each step. */
final class UserWrapper implements Processor {
  static final ProcessorType TYPE =
      new ProcessorType(
              "user_wrapper",
              "Puts text before and after the newest message.",
              "user_wrapper",
              Dimension.CONTEXT_ASSEMBLY,
              Set.of(Hook.BEFORE_MODEL),
              // After all notes: they are part of what is framed.
              ProcessorType.POST + 50,
              List.of(),
              Set.of(FailureCategory.UNPARSEABLE_RESPONSE),
              List.of(
                  new Parameter.Text("before", ""),
                  new Parameter.Text("after", "answer with one command .")),
              UserWrapper::new)
          .requiring(Requirement.OPEN_VOCABULARY);

  private final String before;
  private final String after;

  private UserWrapper(ProcessorType.Arguments arguments) {
    before = arguments.text("before");
    after = arguments.text("after");
  }

  @Override
  public Outcome on(Event event) {
    if (!(event instanceof Event.BeforeModel prompt)) {
      return Outcome.PASS;
    }
    String content = Notes.join(Notes.join(before, prompt.lastContent()), after);
    return new Outcome.Transform(prompt.withLastContent(content));
  }
}
