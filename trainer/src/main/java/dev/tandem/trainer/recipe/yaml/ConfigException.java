package dev.tandem.trainer.recipe.yaml;

/**
 * A recipe that cannot be used. The message is one sentence that begins with where the mistake is:
 * a file with its line, or the {@code --set} option.
 */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A mistake in what a key says. */
  public ConfigException(String where, String problem) {
    super(where + ": " + problem);
  }

  /** A mistake that is found where what the key names is opened. */
  public ConfigException(String where, String problem, Throwable cause) {
    super(where + ": " + problem, cause);
  }
}
