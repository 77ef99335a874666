package dev.tandem.kernels.operation;

/** What a backend implements. Operations have been checked before they get here. */
public interface KernelProvider extends AutoCloseable {
  /** A short name with the width or the device, for logs and reports. */
  String name();

  /** Whether this backend works on arrays in that place. */
  boolean serves(Place place);

  /**
   * Does the work; when this returns, the outputs are complete.
   *
   * @param operation of a place that this backend serves, its contents checked
   */
  void run(Operation operation);

  /** Frees what the backend holds outside the Java heap. */
  @Override
  default void close() {}
}
