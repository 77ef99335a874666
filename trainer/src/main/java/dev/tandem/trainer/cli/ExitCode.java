package dev.tandem.trainer.cli;

/** What the process tells the shell. */
public enum ExitCode {
  /** The verb did what it was asked. */
  OK(0),
  /** It tried and failed, or a check said no. */
  FAILED(1),
  /** The command line, a recipe or a named file is wrong. */
  USAGE(2),
  /** Something the machine should have is missing. */
  MISSING_PREREQUISITE(69),
  /** The run stands still until a person has spoken about an edit. */
  WAITING(75);

  private final int status;

  ExitCode(int status) {
    this.status = status;
  }

  /** The process's exit status. */
  public int status() {
    return status;
  }
}
