package dev.tandem.harness.run;

import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.tool.ToolUse;
import java.util.List;

/**
 * One model call of an episode.
 *
 * @param step step of the episode it belongs to, from 0
 * @param harnessHash the harness version it ran under
 * @param messages what the model saw
 * @param text what it answered
 * @param toolUses tools it wanted to use
 * @param tokens the exact tokens
 * @param discarded whether a processor intercepted the response, so that it led to no action
 */
public record Turn(
    int step,
    String harnessHash,
    List<Message> messages,
    String text,
    List<ToolUse> toolUses,
    TokenTrace tokens,
    boolean discarded) {
  public Turn {
    messages = List.copyOf(messages);
    toolUses = List.copyOf(toolUses);
  }

  /** A call whose answer uses no tools. */
  public Turn(
      int step,
      String harnessHash,
      List<Message> messages,
      String text,
      TokenTrace tokens,
      boolean discarded) {
    this(step, harnessHash, messages, text, List.of(), tokens, discarded);
  }
}
