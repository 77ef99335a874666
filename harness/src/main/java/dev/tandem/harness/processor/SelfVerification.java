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

/** Has the model look at its work once more before it finishes. */
final class SelfVerification implements Processor {
  static final ProcessorType TYPE =
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
