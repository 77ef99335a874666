package dev.tandem.aegis.ledger;

/** A ledger that cannot be trusted, and from which entry on. */
public final class LedgerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public LedgerException(String message) {
    super(message);
  }
}
