package dev.tandem.trainer.report;

/** A run folder whose files cannot be shown; the message is one sentence that names the file. */
public final class ReportException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ReportException(String message, Throwable cause) {
    super(message, cause);
  }
}
