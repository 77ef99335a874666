package dev.tandem.harness.code;

/** How a call of code ended. */
public sealed interface CodeAnswer {
  /**
   * It returned.
   *
   * @param outcome what it returned, as JSON
   * @param state its state as it left it, as JSON
   */
  record Returned(String outcome, String state) implements CodeAnswer {}

  /** It threw or ran over its limit of statements, as it does at every try. */
  record Failed(String reason) implements CodeAnswer {}
}
