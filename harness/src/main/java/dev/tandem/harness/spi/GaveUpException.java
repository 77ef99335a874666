package dev.tandem.harness.spi;

import dev.tandem.harness.event.ExitReason;

/**
 * A processor could not do its work by a fault of its own, which is there at every try, and its own
 * policy is to end the episode: with {@link ExitReason#CODE_FAILURE}, which counts against the
 * harness. Any other exception counts against nobody.
 */
public final class GaveUpException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public GaveUpException(String message) {
    super(message, null, false, false);
  }
}
