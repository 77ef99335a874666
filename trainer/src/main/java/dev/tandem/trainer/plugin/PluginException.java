package dev.tandem.trainer.plugin;

/** A plugin that cannot be used. The message is one sentence: which jar, what, and what to do. */
public final class PluginException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PluginException(String message) {
    super(message);
  }

  PluginException(String message, Throwable cause) {
    super(message, cause);
  }
}
