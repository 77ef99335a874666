package dev.tandem.trainer.export;

/** A checkpoint cannot be exported. */
public final class ExportException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ExportException(String message) {
    super(message);
  }
}
