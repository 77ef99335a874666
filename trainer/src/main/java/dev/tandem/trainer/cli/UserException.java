package dev.tandem.trainer.cli;

/** Something the user can put right. The message is one sentence that says what to do. */
public final class UserException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ExitCode exitCode;

  private UserException(ExitCode exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** The command line or a file it names is wrong. */
  public static UserException usage(String message) {
    return new UserException(ExitCode.USAGE, message);
  }

  /** The verb could not do what it was asked. */
  public static UserException failed(String message) {
    return new UserException(ExitCode.FAILED, message);
  }

  /** The machine lacks something. */
  public static UserException missing(String message) {
    return new UserException(ExitCode.MISSING_PREREQUISITE, message);
  }

  ExitCode exitCode() {
    return exitCode;
  }
}
