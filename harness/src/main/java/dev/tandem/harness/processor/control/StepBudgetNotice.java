package dev.tandem.harness.processor.control;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.processor.support.Groups;
import dev.tandem.harness.processor.support.Notes;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.Parameter;
import java.util.List;
import java.util.Set;

/** Warns the model when its steps run out. */
public final class StepBudgetNotice implements Processor {
  public static final int MAXIMUM_BELOW = 50;

  public static final ProcessorType TYPE =
      new ProcessorType(
          "step_budget_notice",
          "Says how many steps are left when they are few.",
          Groups.STEP_BUDGET_NOTICE,
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
