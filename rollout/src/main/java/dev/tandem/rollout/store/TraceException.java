package dev.tandem.rollout.store;

import org.jspecify.annotations.Nullable;

/** Stored traces cannot be read or written. */
public final class TraceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public TraceException(String message) {
    super(message);
  }

  public TraceException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
