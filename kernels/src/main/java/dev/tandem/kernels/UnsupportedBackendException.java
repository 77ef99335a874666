package dev.tandem.kernels;

/**
 * A backend was asked for by name on a host that cannot run it; the message says what would change
 * that.
 */
public final class UnsupportedBackendException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final KernelBackend backend;

  UnsupportedBackendException(KernelBackend backend, String refusal) {
    super(refusal);
    this.backend = backend;
  }

  /** The backend that was asked for. */
  public KernelBackend backend() {
    return backend;
  }
}
