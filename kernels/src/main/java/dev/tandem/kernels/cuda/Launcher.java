package dev.tandem.kernels.cuda;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tandem.kernels.operation.ArrayElement;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Launches kernels: arguments are put one after the other in the order of the kernel's parameters,
 * then {@link #launch} takes them all. Nothing is allocated per launch. For one thread at a time.
 */
final class Launcher implements AutoCloseable {
  private static final int MOST_ARGUMENTS = 32;

  private final CudaDriver driver;
  private final CudaStream stream;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment values = arena.allocate(JAVA_LONG, MOST_ARGUMENTS);
  private final MemorySegment pointers = arena.allocate(JAVA_LONG, MOST_ARGUMENTS);
  private int count;

  Launcher(CudaDriver driver, CudaStream stream) {
    this.driver = driver;
    this.stream = stream;
    // The driver reads argument i through pointer i, as many bytes as the parameter has.
    for (int i = 0; i < MOST_ARGUMENTS; i++) {
      pointers.setAtIndex(JAVA_LONG, i, values.address() + (long) i * Long.BYTES);
    }
  }

  /** A pointer or a 64-bit integer. */
  Launcher with(long value) {
    values.setAtIndex(JAVA_LONG, count++, value);
    return this;
  }

  /** A 32-bit integer. */
  Launcher with(int value) {
    values.set(JAVA_INT, (long) count++ * Long.BYTES, value);
    return this;
  }

  /** A double. */
  Launcher with(double value) {
    values.set(JAVA_DOUBLE, (long) count++ * Long.BYTES, value);
    return this;
  }

  /** A number that the kernel takes in the type of its arrays, float or double. */
  Launcher with(ArrayElement type, double value) {
    if (type == ArrayElement.F64) {
      return with(value);
    }
    values.set(JAVA_FLOAT, (long) count++ * Long.BYTES, (float) value);
    return this;
  }

  /**
   * Starts a kernel with the arguments that were put.
   *
   * @param blocks at least 1
   * @param threads in a block, a multiple of 32 up to 1,024
   */
  void launch(long function, long blocks, int threads) {
    count = 0;
    driver.launchKernel.launch(
        function, Math.toIntExact(blocks), 1, threads, stream.handle(), pointers.address());
  }

  /** Forgets arguments that were put for a launch that did not come. */
  void forget() {
    count = 0;
  }

  @Override
  public void close() {
    arena.close();
  }
}
