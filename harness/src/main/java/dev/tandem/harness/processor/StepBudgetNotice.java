package dev.tandem.harness.processor;

import dev.tandem.harness.Dimension;
import dev.tandem.harness.Event;
import dev.tandem.harness.FailureCategory;
import dev.tandem.harness.Hook;
import dev.tandem.harness.Outcome;
import dev.tandem.harness.Parameter;
import dev.tandem.harness.Processor;
import dev.tandem.harness.ProcessorType;
import java.util.List;
import java.util.Set;

/** Warns the model when its steps run out. */
final class StepBudgetNotice implements Processor {
  static final int MAXIMUM_BELOW = 50;

  static final ProcessorType TYPE =
      new ProcessorType(
          "step_budget_notice",
          "Says how many steps are left when they are few.",
          BuiltInProcessors.BUDGET_NOTICE,
          Dimension.CONTROL_AND_SAFETY,
          Set.of(Hook.BEFORE_MODEL),
          ProcessorType.POST,
          List.of(),
          Set.of(FailureCategory.OUT_OF_STEPS),
          List.of(new Parameter.Count("below", 5, 1, MAXIMUM_BELOW)),
          arguments -> new StepBudgetNotice(arguments.count("below")));

  private final int below;

  private StepBudgetNotice(int below) {
    this.below = below;
  }

  @Override
  public Outcome on(Event event) {
    return event instanceof Event.BeforeModel before && before.stepsLeft() <= below
        ? Notes.append(before, "steps left : " + before.stepsLeft() + " .")
        : Outcome.PASS;
  }
}
