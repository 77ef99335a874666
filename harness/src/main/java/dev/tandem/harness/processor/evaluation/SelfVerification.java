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

/** Has the model look at its work once more before it finishes. */
public final class SelfVerification implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
              "self_verification",
              "When the agent would finish for the first time, asks it to check its work and answer"
                  + " again.",
              "self_verification",
              Dimension.EVALUATION_AND_REWARD,
              Set.of(Hook.AFTER_MODEL),
              ProcessorType.NORMAL,
              List.of("parse_retry", "verifier_bridge"),
              Set.of(FailureCategory.PREMATURE_FINISH),
              List.of(
                  new Parameter.Texts("finish", FinalAnswer.DEFAULT),
                  new Parameter.Text(
                      "note", "check that every part of the goal is done , then answer again .")),
              SelfVerification::new)
          .requiring(Requirement.OPEN_VOCABULARY);

  private final List<String> finish;
  private final String note;
  private boolean asked;

  private SelfVerification(ProcessorType.Arguments arguments) {
    finish = arguments.texts("finish");
    note = arguments.text("note");
  }

  @Override
  public Outcome on(Event event) {
    if (asked
        || !(event instanceof Event.ModelResponse response)
        || !FinalAnswer.is(response, finish)) {
      return Outcome.PASS;
    }
    asked = true;
    return new Outcome.Intercept(note);
  }
}
