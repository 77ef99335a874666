package dev.tandem.harness.processor.context;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.processor.support.Notes;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.value.Parameter;
import java.util.List;
import java.util.Set;

/** Puts a frame around what the model is told at each step. */
public final class UserWrapper implements Processor {
  public static final ProcessorType TYPE =
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
