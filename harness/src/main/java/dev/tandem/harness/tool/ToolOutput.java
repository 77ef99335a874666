package dev.tandem.harness.tool;

/**
 * What a tool answers.
 *
 * @param text what the model is told
 * @param error whether the tool failed: the model is told, and the episode goes on
 */
public record ToolOutput(String text, boolean error) {
  /** It worked. */
  public static ToolOutput of(String text) {
    return new ToolOutput(text, false);
  }

  /** It failed. */
  public static ToolOutput failed(String text) {
    return new ToolOutput(text, true);
  }
}
