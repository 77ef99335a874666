package dev.tandem.benchmarks.bundle;

/** The bundle cannot be made here; the message is one sentence that says what to do. */
public final class BundleException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BundleException(String message) {
    super(message);
  }
}
