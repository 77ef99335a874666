package dev.tandem.harness.code;

/**
 * Code could not be run, or not to its end: no worker can be started, or one was lost, to the wall
 * clock or to memory. What depends on the machine is an infrastructure failure and says nothing of
 * the code, whose own limit is that of statements.
 */
public final class CodeSandboxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CodeSandboxException(String message) {
    super(message);
  }

  CodeSandboxException(String message, Throwable cause) {
    super(message, cause);
  }
}
