package dev.tandem.harness.processor.support;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.tool.ToolUse;

/**
 * Something done, in the situation it was done in: doing it again there is a repetition.
 *
 * @param input a command, or a tool's input
 * @param situation see {@link dev.tandem.harness.event.Observation#situation}
 */
public record Deed(String tool, String input, Object situation) {
  public static Deed of(Event.ToolCall call) {
    return new Deed(call.tool(), call.input(), call.observation().situation());
  }

  /** What a response without tool uses would do. */
  public static Deed of(Event.ModelResponse response) {
    return new Deed(
        ToolUse.COMMAND, response.content().strip(), response.observation().situation());
  }
}
