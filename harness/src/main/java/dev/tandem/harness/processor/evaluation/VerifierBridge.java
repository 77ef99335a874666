package dev.tandem.harness.processor.evaluation;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.processor.support.FinalAnswer;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.value.Parameter;
import java.util.List;
import java.util.Set;

/** Sends the agent back to work when it would finish and its own means of checking object. */
public final class VerifierBridge implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
              "verifier_bridge",
              "Checks the work before the agent finishes, and tells it what is missing.",
              "verifier_bridge",
              Dimension.EVALUATION_AND_REWARD,
              Set.of(Hook.AFTER_MODEL),
              ProcessorType.NORMAL,
              List.of("parse_retry"),
              Set.of(FailureCategory.PREMATURE_FINISH),
              List.of(
                  new Parameter.Texts("finish", FinalAnswer.DEFAULT),
                  new Parameter.Count("attempts", 2, 1, 20)),
              VerifierBridge::new)
          .requiring(Requirement.SERVICE, Requirement.OPEN_VOCABULARY);

  private final CompletionCheck check;
  private final List<String> finish;
  private final int attempts;
  private int objections;

  private VerifierBridge(ProcessorType.Arguments arguments) {
    check = arguments.services().require(CompletionCheck.class);
    finish = arguments.texts("finish");
    attempts = arguments.count("attempts");
  }

  @Override
  public Outcome on(Event event) {
    if (!(event instanceof Event.ModelResponse response)
        || objections >= attempts
        || !FinalAnswer.is(response, finish)) {
      return Outcome.PASS;
    }
    return check
        .missing(response.observation(), response.content())
        .<Outcome>map(
            missing -> {
              objections++;
              return new Outcome.Intercept("not done yet : " + missing);
            })
        .orElse(Outcome.PASS);
  }
}
