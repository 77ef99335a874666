package dev.tandem.harness.processor.control;

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
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * After some steps without effect, tells the model to decide, and takes from its choices what was
 * tried in vain meanwhile.
 */
public final class DecisionForcing implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
              "decision_forcing",
              "After steps that changed nothing, tells the model to decide for something new and"
                  + " takes away the choices it tried.",
              "decision_forcing",
              Dimension.CONTROL_AND_SAFETY,
              Set.of(Hook.BEFORE_MODEL, Hook.AFTER_TOOL),
              ProcessorType.POST,
              List.of("step_budget_notice", "budget_notice"),
              Set.of(FailureCategory.NO_PROGRESS, FailureCategory.REPEATED_ACTION),
              List.of(
                  new Parameter.Count("after", 3, 1, 50),
                  new Parameter.Flag("narrow", true),
                  new Parameter.Text("note", "nothing changes . decide now for something new .")),
              DecisionForcing::new)
          .requiring(Requirement.OPEN_VOCABULARY);

  private final int after;
  private final boolean narrow;
  private final String note;

  /** What was done in vain since something had an effect. */
  private final Set<String> inVain = new HashSet<>();

  private int fruitless;

  private DecisionForcing(ProcessorType.Arguments arguments) {
    after = arguments.count("after");
    narrow = arguments.flag("narrow");
    note = arguments.text("note");
  }

  @Override
  public Outcome on(Event event) {
    if (event instanceof Event.ToolResult result) {
      if (result.executed() && !result.error() && result.observation().effective()) {
        fruitless = 0;
        inVain.clear();
      } else {
        fruitless++;
        inVain.add(result.call().input());
      }
    } else if (event instanceof Event.BeforeModel before && fruitless >= after) {
      return Notes.append(narrow ? narrowed(before) : before, note);
    }
    return Outcome.PASS;
  }

  /** Never to nothing at all. */
  private Event.BeforeModel narrowed(Event.BeforeModel before) {
    List<String> open =
        before.choices().isEmpty() ? before.observation().admissible() : before.choices();
    List<String> left = open.stream().filter(choice -> !inVain.contains(choice)).toList();
    return left.isEmpty() ? before : before.withChoices(left);
  }
}
