package dev.tandem.harness.spi;

/**
 * A processor could not do its work and its own policy is to be passed over: the event goes on as
 * it was, and a trigger of the field {@code failure: } and the message records it. Any other
 * exception of a processor ends the episode.
 */
public final class PassedOverException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public PassedOverException(String message) {
    super(message, null, false, false);
  }
}
