package dev.tandem.harness.processor.control;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.harness.value.Parameter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/**
 * Notices loops among the last calls, whatever the situation: the very same call again and again,
 * or the same tool (of a command, the same verb) with ever other arguments.
 */
public final class RepetitionGuard implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
              "repetition_guard",
              "Acts when the same call, or the same tool or verb, came too often among the last"
                  + " calls.",
              "repetition_guard",
              Dimension.CONTROL_AND_SAFETY,
              Set.of(Hook.BEFORE_TOOL),
              ProcessorType.NORMAL,
              List.of("argument_correction"),
              Set.of(FailureCategory.REPEATED_ACTION, FailureCategory.NO_PROGRESS),
              List.of(
                  new Parameter.Choice("by", "exact", List.of("exact", "name")),
                  new Parameter.Count("times", 3, 1, 50),
                  new Parameter.Count("window", 8, 1, 200),
                  new Parameter.Choice("action", "block", List.of("block", "interrupt"))),
              RepetitionGuard::new)
          .requiring(Requirement.OPEN_VOCABULARY);

  private final boolean exact;
  private final int times;
  private final int window;
  private final boolean block;

  /** The last calls, blocked ones included, oldest first. */
  private final Deque<String> calls = new ArrayDeque<>();

  private RepetitionGuard(ProcessorType.Arguments arguments) {
    exact = arguments.text("by").equals("exact");
    times = arguments.count("times");
    window = arguments.count("window");
    block = arguments.text("action").equals("block");
  }

  @Override
  public Outcome on(Event event) {
    if (!(event instanceof Event.ToolCall call)) {
      return Outcome.PASS;
    }
    String key = exact ? call.tool() + " " + call.input() : name(call);
    long before = calls.stream().filter(key::equals).count();
    calls.addLast(key);
    if (calls.size() > window) {
      calls.removeFirst();
    }
    if (before < times) {
      return Outcome.PASS;
    }
    String what = exact ? call.input() : name(call);
    return block
        ? new Outcome.Intercept("you did " + what + " too often . do something else .")
        : new Outcome.Interrupt(
            ExitReason.INTERRUPTED,
            "'%s' came more than %d times among %d calls".formatted(what, times, window));
  }

  private static String name(Event.ToolCall call) {
    return call.tool().equals(ToolUse.COMMAND)
        ? call.input().strip().split("\\s+", 2)[0]
        : call.tool();
  }
}
