package dev.tandem.kernels.cuda;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A queue of work on a device, in order. It is made with the driver's default flags, so it also
 * keeps order with the default stream, on which libtorch works unless told otherwise.
 */
final class CudaStream implements AutoCloseable {
  private static final int DEFAULT_FLAGS = 0;

  private final CudaDriver driver;
  private final long handle;

  /** Makes a stream in the calling thread's context. */
  CudaStream(CudaDriver driver) {
    this.driver = driver;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stream = arena.allocate(JAVA_LONG);
      driver.streamCreate.call(stream.address(), DEFAULT_FLAGS);
      handle = stream.get(JAVA_LONG, 0);
    }
  }

  long handle() {
    return handle;
  }

  /** Waits for everything in this stream; reports failures of kernels that ran in it. */
  void synchronize() {
    driver.streamSynchronize.call(handle);
  }

  @Override
  public void close() {
    driver.streamDestroy.call(handle);
  }
}
