package dev.tandem.harness.tool;

/**
 * A tool that the harness brings along, beside those of the environment.
 *
 * @param version text that changes whenever what the handler does changes: part of the content hash
 *     of every harness that has the tool
 */
public record Tool(ToolSpec spec, String version, Handler handler) {
  public Tool {
    if (version.isBlank()) {
      throw new IllegalArgumentException(
          "the tool '%s' needs a version that tells what it does from what it did before"
              .formatted(spec.name()));
    }
  }

  /** What the tool does. It is shared by all episodes, so it must be safe to call at once. */
  @FunctionalInterface
  public interface Handler {
    /**
     * Carries one call out. What goes wrong in a way that the model can do something about is an
     * answer, {@link ToolOutput#failed}; an exception is a broken tool and ends the episode.
     *
     * @param input a JSON object as text, valid by the tool's schema
     */
    ToolOutput call(String input);
  }
}
