package dev.tandem.harness.tool;

/** A tool that the harness brings along, beside those of the environment. */
public record Tool(ToolSpec spec, Handler handler) {
  /** What the tool does. It is shared by all episodes, so it must be safe to call at once. */
  @FunctionalInterface
  public interface Handler {
    /**
     * Carries one call out. An exception is told to the model as the tool's failure.
     *
     * @param input a JSON object as text, valid by the tool's schema
     */
    ToolOutput call(String input);
  }
}
