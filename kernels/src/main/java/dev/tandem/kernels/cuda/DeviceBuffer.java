package dev.tandem.kernels.cuda;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Memory on a device, from {@link CudaKernels#allocate}; its contents are arbitrary at first.
 * Copies take host segments off the Java heap, run in order with the kernels and are complete on
 * return.
 */
public final class DeviceBuffer implements AutoCloseable {
  private final CudaDriver driver;
  private final CudaStream stream;
  private final long address;
  private final long bytes;

  DeviceBuffer(CudaStream stream, long bytes) {
    if (bytes <= 0) {
      throw new IllegalArgumentException("a device buffer needs at least 1 byte, not " + bytes);
    }
    this.driver = stream.driver();
    this.stream = stream;
    this.bytes = bytes;
    stream.enter();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pointer = arena.allocate(JAVA_LONG);
      driver.memAlloc.call(pointer.address(), bytes);
      address = pointer.get(JAVA_LONG, 0);
    }
  }

  long address() {
    return address;
  }

  /** The size in bytes. */
  public long bytes() {
    return bytes;
  }

  /**
   * The device's addresses as a segment, for arrays of {@link
   * dev.tandem.kernels.operation.Place#DEVICE}; the processor must not follow them.
   */
  @SuppressWarnings("restricted") // the size is that of the allocation
  public MemorySegment segment() {
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }

  /** Fills the buffer with a byte. */
  public void fill(byte value) {
    stream.enter();
    driver.memsetD8Async.call(address, value, bytes, stream.handle());
    stream.synchronize();
  }

  /** Copies a native host segment to an offset in this buffer. */
  public void copyFrom(MemorySegment host, long offset) {
    Objects.checkFromIndexSize(offset, host.byteSize(), bytes);
    stream.enter();
    driver.memcpyHtoDAsync.call(
        address + offset, nativeAddress(host), host.byteSize(), stream.handle());
    stream.synchronize();
  }

  /** Copies from an offset in this buffer to a native host segment. */
  public void copyTo(MemorySegment host, long offset) {
    Objects.checkFromIndexSize(offset, host.byteSize(), bytes);
    stream.enter();
    driver.memcpyDtoHAsync.call(
        nativeAddress(host), address + offset, host.byteSize(), stream.handle());
    stream.synchronize();
  }

  /** Starts a copy of the first bytes of another buffer to the start of this one. */
  public void startCopyFrom(DeviceBuffer other, long count) {
    Objects.checkFromIndexSize(0, count, Math.min(bytes, other.bytes));
    stream.enter();
    driver.memcpyDtoDAsync.call(address, other.address, count, stream.handle());
  }

  private static long nativeAddress(MemorySegment host) {
    if (!host.isNative()) {
      throw new IllegalArgumentException("a copy needs a segment off the Java heap, was " + host);
    }
    return host.address();
  }

  @Override
  public void close() {
    stream.enter();
    driver.memFree.call(address);
  }
}
