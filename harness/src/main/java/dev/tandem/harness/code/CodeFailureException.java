package dev.tandem.harness.code;

/** Code did not do its work: it threw, ran over its statements, or returned no outcome. */
final class CodeFailureException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String reason;

  CodeFailureException(String reason) {
    super(reason, null, false, false);
    this.reason = reason;
  }

  String reason() {
    return reason;
  }
}
