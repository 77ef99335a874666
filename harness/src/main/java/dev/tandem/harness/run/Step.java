package dev.tandem.harness.run;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.tool.ToolUse;

/**
 * One action of an episode.
 *
 * @param index step of the episode it belongs to, from 0, as in {@link Turn#step}; the actions of a
 *     split tool call, and those of one response with several, share it
 * @param before what the agent saw
 * @param stateHash the environment's state before the action
 * @param tool the tool that was called, {@link ToolUse#COMMAND} for a command
 * @param action the command or the tool's input, after all processors
 * @param executed whether it was carried out (false: a processor blocked it, or the call was not
 *     valid)
 * @param after what the environment showed then
 */
public record Step(
    int index,
    Observation before,
    String stateHash,
    String tool,
    String action,
    boolean executed,
    Observation after) {
  /** A command. */
  public Step(
      int index,
      Observation before,
      String stateHash,
      String action,
      boolean executed,
      Observation after) {
    this(index, before, stateHash, ToolUse.COMMAND, action, executed, after);
  }
}
