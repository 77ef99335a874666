package dev.tandem.kernels.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A mark in a stream whose time the device notes when it gets there. */
public final class CudaEvent implements AutoCloseable {
  private static final int WITH_TIMING = 0;

  private final CudaDriver driver;
  private final CudaStream stream;
  private final long handle;

  CudaEvent(CudaStream stream) {
    this.driver = stream.driver();
    stream.enter();
    this.stream = stream;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment event = arena.allocate(JAVA_LONG);
      driver.eventCreate.call(event.address(), WITH_TIMING);
      handle = event.get(JAVA_LONG, 0);
    }
  }

  /** Puts the mark behind everything that has been started. */
  public void record() {
    stream.enter();
    driver.eventRecord.call(handle, stream.handle());
  }

  /** Waits until the device has passed the mark. */
  public void synchronize() {
    stream.enter();
    driver.eventSynchronize.call(handle);
  }

  /** Milliseconds on the device from an earlier mark to this one; both must have been passed. */
  public double millisecondsSince(CudaEvent earlier) {
    stream.enter();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment milliseconds = arena.allocate(JAVA_FLOAT);
      driver.eventElapsedTime.call(milliseconds.address(), earlier.handle, handle);
      return milliseconds.get(JAVA_FLOAT, 0);
    }
  }

  @Override
  public void close() {
    stream.enter();
    driver.eventDestroy.call(handle);
  }
}
