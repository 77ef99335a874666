package dev.tandem.kernels.cuda;

import dev.tandem.kernels.operation.Matrix;
import dev.tandem.kernels.operation.Place;
import dev.tandem.kernels.operation.Values;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a kernel finds the arrays of an operation. Arrays on the device stay where they are; arrays
 * in host memory get a buffer each, are copied there when they are inputs and back when they are
 * outputs. Buffers are kept from operation to operation and grow as needed. For one thread at a
 * time.
 */
final class Staging implements AutoCloseable {
  private final CudaDriver driver;
  private final CudaStream stream;
  private final List<Slot> slots = new ArrayList<>();
  private int used;

  Staging(CudaDriver driver, CudaStream stream) {
    this.driver = driver;
    this.stream = stream;
  }

  /** The device address of an input; 0 for null or nothing. */
  long in(@Nullable Values values) {
    return place(values, true, false);
  }

  /** The device address of an output that the kernel writes in full; 0 for null or nothing. */
  long out(@Nullable Values values) {
    return place(values, false, true);
  }

  /** The device address of an array that is read and written. */
  long inOut(@Nullable Values values) {
    return place(values, true, true);
  }

  /** The device address of rows that are read; they are {@link #stride} apart there. */
  long in(Matrix matrix) {
    return place(matrix, false);
  }

  /** The device address of rows that are read and written. */
  long inOut(Matrix matrix) {
    return place(matrix, true);
  }

  /** Elements from row to row on the device: host rows lose the gaps between them. */
  static long stride(Matrix matrix) {
    return matrix.place() == Place.DEVICE ? matrix.rowStride() : matrix.columns();
  }

  /** The address of device memory for the kernels' own use. */
  long scratch(long bytes) {
    return bytes == 0 ? 0 : slot(bytes).buffer().address();
  }

  /** The address of device memory that holds what a native host segment holds. */
  long copyOf(MemorySegment host) {
    long address = scratch(host.byteSize());
    driver.memcpyHtoDAsync.call(address, host.address(), host.byteSize(), stream.handle());
    return address;
  }

  /** Starts copying all outputs in host memory back and waits for the stream. */
  void finish() {
    for (int i = 0; i < used; i++) {
      slots.get(i).copyBack();
    }
    stream.synchronize();
    for (int i = 0; i < used; i++) {
      slots.get(i).release();
    }
    used = 0;
  }

  /**
   * Leaves the device's work to itself, for operations without arrays in host memory. Their scratch
   * memory may be used by the next operation, which the stream puts behind them.
   */
  void keep() {
    used = 0;
  }

  /** Forgets an operation that failed half-way; what its outputs hold is then undefined. */
  void abandon() {
    for (int i = 0; i < used; i++) {
      slots.get(i).forget();
    }
    used = 0;
  }

  private long place(@Nullable Values values, boolean read, boolean written) {
    if (values == null || values.size() == 0) {
      return 0;
    }
    int width = values.type().bytes();
    if (values.place() == Place.DEVICE) {
      return aligned(values.segment(), width);
    }
    long bytes = values.size() * width;
    Slot slot = slot(bytes);
    slot.hold(values.segment(), 1, bytes, bytes, written);
    if (read) {
      slot.copyIn();
    }
    return slot.buffer().address();
  }

  private long place(Matrix matrix, boolean written) {
    if (matrix.rows() == 0) {
      return 0;
    }
    int width = matrix.type().bytes();
    if (matrix.place() == Place.DEVICE) {
      return aligned(matrix.segment(), width);
    }
    long rowBytes = matrix.columns() * width;
    Slot slot = slot(matrix.rows() * rowBytes);
    boolean dense = matrix.rowStride() == matrix.columns();
    slot.hold(
        matrix.segment(),
        dense ? 1 : matrix.rows(),
        dense ? matrix.rows() * rowBytes : rowBytes,
        matrix.rowStride() * width,
        written);
    slot.copyIn();
    return slot.buffer().address();
  }

  private static long aligned(MemorySegment segment, int width) {
    if (segment.address() % width != 0) {
      throw new IllegalArgumentException(
          "an array on the device must start at a multiple of its %d-byte elements, started at %#x"
              .formatted(width, segment.address()));
    }
    return segment.address();
  }

  private Slot slot(long bytes) {
    if (used == slots.size()) {
      slots.add(new Slot());
    }
    Slot slot = slots.get(used++);
    slot.reserve(bytes);
    return slot;
  }

  @Override
  public void close() {
    slots.forEach(Slot::close);
  }

  /** A buffer on the device and the host memory it stands for at the moment. */
  private final class Slot {
    private @Nullable DeviceBuffer buffer;
    private @Nullable Arena bounceArena;
    private MemorySegment bounce = MemorySegment.NULL;
    private MemorySegment host = MemorySegment.NULL;
    private long rows;
    private long rowBytes;
    private long strideBytes;
    private boolean written;

    DeviceBuffer buffer() {
      if (buffer == null) {
        throw new IllegalStateException("the slot has no buffer yet");
      }
      return buffer;
    }

    void reserve(long bytes) {
      if (buffer != null && buffer.bytes() < bytes) {
        // The stream may still read the old one on behalf of an operation that failed.
        stream.synchronize();
        buffer.close();
        buffer = null;
      }
      if (buffer == null) {
        buffer = new DeviceBuffer(stream, bytes);
      }
      written = false;
    }

    void hold(
        MemorySegment segment, long rowCount, long bytesPerRow, long bytesApart, boolean writes) {
      host = segment;
      rows = rowCount;
      rowBytes = bytesPerRow;
      strideBytes = bytesApart;
      written = writes;
      if (!segment.isNative()) {
        reserveBounce(rowCount * bytesPerRow);
      }
    }

    /** The driver needs an address, which an array on the Java heap does not have for long. */
    private void reserveBounce(long bytes) {
      if (bounce.byteSize() < bytes) {
        closeBounce();
        bounceArena = Arena.ofShared();
        bounce = bounceArena.allocate(bytes, Long.BYTES);
      }
    }

    void copyIn() {
      for (long row = 0; row < rows; row++) {
        long source = host.address() + row * strideBytes;
        if (!host.isNative()) {
          MemorySegment.copy(host, row * strideBytes, bounce, row * rowBytes, rowBytes);
          source = bounce.address() + row * rowBytes;
        }
        driver.memcpyHtoDAsync.call(
            buffer().address() + row * rowBytes, source, rowBytes, stream.handle());
      }
    }

    void copyBack() {
      for (long row = 0; written && row < rows; row++) {
        long target =
            host.isNative()
                ? host.address() + row * strideBytes
                : bounce.address() + row * rowBytes;
        driver.memcpyDtoHAsync.call(
            target, buffer().address() + row * rowBytes, rowBytes, stream.handle());
      }
    }

    /** After the stream has ended. */
    void release() {
      if (written && !host.isNative()) {
        for (long row = 0; row < rows; row++) {
          MemorySegment.copy(bounce, row * rowBytes, host, row * strideBytes, rowBytes);
        }
      }
      forget();
    }

    void forget() {
      host = MemorySegment.NULL;
      written = false;
    }

    private void closeBounce() {
      if (bounceArena != null) {
        bounceArena.close();
        bounceArena = null;
        bounce = MemorySegment.NULL;
      }
    }

    void close() {
      closeBounce();
      if (buffer != null) {
        buffer.close();
        buffer = null;
      }
    }
  }
}
