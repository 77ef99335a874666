package dev.tandem.aegis.oversight;

/** A person's word that cannot be followed, and why. */
public final class WordException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public WordException(String message) {
    super(message);
  }
}
