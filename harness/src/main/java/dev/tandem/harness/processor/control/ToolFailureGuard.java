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
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.value.Parameter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Withdraws a tool that keeps failing, for some steps, and says so. */
public final class ToolFailureGuard implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
              "tool_failure_guard",
              "Withdraws a tool for some steps after it failed several times in a row.",
              "tool_failure_guard",
              Dimension.CONTROL_AND_SAFETY,
              Set.of(Hook.BEFORE_MODEL, Hook.AFTER_TOOL),
              ProcessorType.POST,
              List.of(),
              Set.of(FailureCategory.TOOL_FAILURE),
              List.of(
                  new Parameter.Count("failures", 3, 1, 20),
                  new Parameter.Count("steps", 5, 1, 100)),
              ToolFailureGuard::new)
          .requiring(Requirement.TOOLS);

  private final int failures;
  private final int steps;
  private final Map<String, Integer> failuresInARow = new HashMap<>();

  /** First step at which a withdrawn tool is there again. */
  private final Map<String, Integer> backAt = new HashMap<>();

  private ToolFailureGuard(ProcessorType.Arguments arguments) {
    failures = arguments.count("failures");
    steps = arguments.count("steps");
  }

  @Override
  public Outcome on(Event event) {
    if (event instanceof Event.ToolResult result) {
      count(result);
    } else if (event instanceof Event.BeforeModel before) {
      return withdraw(before);
    }
    return Outcome.PASS;
  }

  private void count(Event.ToolResult result) {
    String tool = result.call().tool();
    if (!result.error()) {
      failuresInARow.remove(tool);
    } else if (failuresInARow.merge(tool, 1, Integer::sum) >= failures) {
      failuresInARow.remove(tool);
      backAt.put(tool, result.step() + 1 + steps);
    }
  }

  private Outcome withdraw(Event.BeforeModel before) {
    Set<String> withdrawn = new TreeSet<>();
    for (ToolSpec tool : before.tools()) {
      if (before.step() < backAt.getOrDefault(tool.name(), 0)) {
        withdrawn.add(tool.name());
      }
    }
    if (withdrawn.isEmpty()) {
      return Outcome.PASS;
    }
    List<ToolSpec> left =
        before.tools().stream().filter(tool -> !withdrawn.contains(tool.name())).toList();
    return Notes.append(
        before.withTools(left),
        "these tools kept failing and are not there for now : "
            + String.join(" ", withdrawn)
            + " .");
  }
}
