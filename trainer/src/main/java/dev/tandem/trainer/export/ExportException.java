package dev.tandem.trainer.export;

/** A checkpoint cannot be exported. */
public final class ExportException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean usersChoice;

  public ExportException(String message) {
    this(message, false);
  }

  private ExportException(String message, boolean usersChoice) {
    super(message);
    this.usersChoice = usersChoice;
  }

  /** What was asked for cannot be had of this run or in this place. */
  static ExportException refused(String message) {
    return new ExportException(message, true);
  }

  /** Whether asking for something else is the remedy. */
  public boolean isUsersChoice() {
    return usersChoice;
  }
}
