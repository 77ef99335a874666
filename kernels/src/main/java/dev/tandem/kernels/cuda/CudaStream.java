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

  private final CudaContext context;
  private final CudaDriver driver;
  private final long handle;

  CudaStream(CudaContext context) {
    this.context = context;
    this.driver = context.driver();
    enter();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stream = arena.allocate(JAVA_LONG);
      driver.streamCreate.call(stream.address(), DEFAULT_FLAGS);
      handle = stream.get(JAVA_LONG, 0);
    }
  }

  long handle() {
    return handle;
  }

  CudaDriver driver() {
    return driver;
  }

  /** Makes the stream's context the calling thread's, which every call below needs. */
  void enter() {
    context.enter();
  }

  /** Waits for everything in this stream; reports failures of kernels that ran in it. */
  void synchronize() {
    driver.streamSynchronize.call(handle);
  }

  @Override
  public void close() {
    enter();
    driver.streamDestroy.call(handle);
  }
}
