package dev.tandem.harness.processor.control;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.processor.support.Deed;
import dev.tandem.harness.processor.support.Groups;
import dev.tandem.harness.processor.support.Notes;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.Parameter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Notices when the agent does again what it did before in the same situation. */
public final class LoopGuard implements Processor {
  public static final String NOTE = "you did that . try other .";

  public static final ProcessorType TYPE =
      new ProcessorType(
          "loop_guard",
          "Has the model asked again, or tells it, when it repeats a command in a situation it had"
              + " before.",
          "loop_guard",
          Dimension.CONTROL_AND_SAFETY,
          Set.of(Hook.BEFORE_MODEL, Hook.AFTER_MODEL, Hook.AFTER_TOOL),
          ProcessorType.POST,
          List.of(Groups.PARSE_RETRY, Groups.STEP_BUDGET_NOTICE),
          Set.of(FailureCategory.REPEATED_ACTION),
          List.of(
              new Parameter.Count("repeats", 1, 1, 5),
              new Parameter.Choice("action", "retry", List.of("retry", "notice"))),
          LoopGuard::new);

  private final int repeats;
  private final boolean retry;
  private final Map<Deed, Integer> executions = new HashMap<>();

  /** Whether the last command carried out was a repetition. */
  private boolean repeated;

  private LoopGuard(ProcessorType.Arguments arguments) {
    repeats = arguments.count("repeats");
    retry = arguments.text("action").equals("retry");
  }

  @Override
  public Outcome on(Event event) {
    return switch (event) {
      case Event.ModelResponse response
          when retry && response.callsLeft() > 0 && isRepetition(Deed.of(response)) ->
          new Outcome.Intercept(NOTE);
      case Event.BeforeModel before when !retry && repeated -> Notes.append(before, NOTE);
      case Event.ToolResult result when result.executed() -> {
        Deed deed = Deed.of(result.call());
        repeated = isRepetition(deed);
        executions.merge(deed, 1, Integer::sum);
        yield Outcome.PASS;
      }
      case Event.ToolResult _ -> {
        repeated = false;
        yield Outcome.PASS;
      }
      case Event.TaskStart _,
          Event.StepStart _,
          Event.BeforeModel _,
          Event.ModelResponse _,
          Event.ToolCall _,
          Event.StepEnd _,
          Event.TaskEnd _ ->
          Outcome.PASS;
    };
  }

  private boolean isRepetition(Deed deed) {
    return executions.getOrDefault(deed, 0) >= repeats;
  }
}
