package dev.tandem.harness.tool;

/**
 * A model's wish to use a tool.
 *
 * @param id the model's own name for this call, by which the result is told; empty where the model
 *     gives none
 * @param tool the tool's name
 * @param input a JSON object as text; for the implicit tool {@code act} a plain command
 */
public record ToolUse(String id, String tool, String input) {
  /**
   * The implicit tool of a response that uses none: its input, the response's text, is a command of
   * the environment.
   */
  public static final String COMMAND = "act";
}
