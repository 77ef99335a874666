package dev.tandem.rollout.spi;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.tool.ToolUse;
import java.util.List;

/**
 * A scripted policy that knows only what it has been shown: the teacher of a warm start. One
 * instance plays one task.
 */
public interface Expert {
  /** Takes note of what the environment shows; call once per observation, in order. */
  void observe(Observation observation);

  /** What the expert would answer now. */
  Move act();

  /**
   * What a model can answer: words, uses of tools, or both. Words alone are a command of the
   * environment; beside tools they are only said.
   *
   * @param toolUses in this order; what each leads to is observed by itself
   */
  record Move(String text, List<ToolUse> toolUses) {
    public Move {
      toolUses = List.copyOf(toolUses);
    }

    /** A command, or a final answer. */
    public static Move say(String text) {
      return new Move(text, List.of());
    }

    /**
     * The use of one tool.
     *
     * @param input a JSON object
     */
    public static Move use(String tool, String input) {
      return new Move("", List.of(new ToolUse("", tool, input)));
    }
  }
}
