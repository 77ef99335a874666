package dev.tandem.kernels.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A hold on a device's primary context, the one that libtorch uses too, so that addresses mean the
 * same to both. Closing it lets go; the driver destroys the context when nobody holds it.
 */
final class CudaContext implements AutoCloseable {
  private final CudaDriver driver;
  private final int device;
  private final long handle;

  CudaContext(CudaDriver driver, int ordinal) {
    this.driver = driver;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment number = arena.allocate(JAVA_INT);
      driver.deviceGet.call(number.address(), ordinal);
      device = number.get(JAVA_INT, 0);
      MemorySegment context = arena.allocate(JAVA_LONG);
      driver.devicePrimaryCtxRetain.call(context.address(), device);
      handle = context.get(JAVA_LONG, 0);
    }
  }

  CudaDriver driver() {
    return driver;
  }

  /** Makes this the calling thread's context; the driver keeps one per thread. */
  void enter() {
    driver.ctxSetCurrent.call(handle);
  }

  /** Waits for everything that anybody has started in this context. */
  void synchronize() {
    driver.ctxSynchronize.call();
  }

  /** Free device memory in bytes. */
  long freeBytes() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment free = arena.allocate(JAVA_LONG);
      MemorySegment total = arena.allocate(JAVA_LONG);
      driver.memGetInfo.call(free.address(), total.address());
      return free.get(JAVA_LONG, 0);
    }
  }

  @Override
  public void close() {
    driver.devicePrimaryCtxRelease.call(device);
  }
}
