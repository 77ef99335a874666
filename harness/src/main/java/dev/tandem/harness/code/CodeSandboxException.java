package dev.tandem.harness.code;

/** Code cannot be run on this machine at all: an infrastructure failure, not the code's. */
public final class CodeSandboxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CodeSandboxException(String message) {
    super(message);
  }

  CodeSandboxException(String message, Throwable cause) {
    super(message, cause);
  }
}
