package dev.tandem.benchmarks.kernels.verify;

import dev.tandem.kernels.cuda.CudaKernels;
import dev.tandem.kernels.cuda.DeviceBuffer;
import dev.tandem.kernels.operation.ArrayElement;
import dev.tandem.kernels.operation.Matrix;
import dev.tandem.kernels.operation.Place;
import dev.tandem.kernels.operation.Values;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.LongToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Memory for one run of a case: host or device arrays between guard zones. What an operation should
 * write is poisoned first, and every byte that is not an element is looked at afterwards.
 *
 * <p>The oracle's stage holds the same numbers, rounded to the type under test, in float64.
 */
final class Stage implements AutoCloseable {
  private static final int GUARD_BYTES = 256;
  private static final byte GUARD = (byte) 0xC5;
  private static final byte POISON = (byte) 0xFF;

  private final Arena arena = Arena.ofConfined();
  private final IdentityHashMap<Record, Block> blocks = new IdentityHashMap<>();
  private final List<Block> inOrder = new ArrayList<>();
  private final @Nullable CudaKernels device;
  private final boolean oracle;
  private final int shift;

  private Stage(@Nullable CudaKernels device, boolean oracle, int shift) {
    this.device = device;
    this.oracle = oracle;
    this.shift = shift;
  }

  /** Host arrays in float64 wherever the case asks for a narrower type. */
  static Stage ofOracle() {
    return new Stage(null, true, 0);
  }

  /** Host arrays that start {@code shift} elements after an aligned address. */
  static Stage onHost(int shift) {
    return new Stage(null, false, shift);
  }

  /** Device arrays that start {@code shift} elements after an aligned address. */
  static Stage onDevice(CudaKernels device, int shift) {
    return new Stage(device, false, shift);
  }

  /** The type that stands for another on this stage. */
  ArrayElement type(ArrayElement type) {
    return switch (type) {
      case F32, BF16 -> oracle ? ArrayElement.F64 : type;
      case F64, I32, I64, BOOL -> type;
    };
  }

  /** Numbers by index, rounded to the type. */
  Values filled(ArrayElement type, long size, LongToDoubleFunction content) {
    return exactly(type(type), type, size, content);
  }

  /** As {@link #filled}, of this very type on the oracle's stage too. */
  Values filledExactly(ArrayElement type, long size, LongToDoubleFunction content) {
    return exactly(type, type, size, content);
  }

  private Values exactly(
      ArrayElement held, ArrayElement rounded, long size, LongToDoubleFunction content) {
    Block block = block(held, 1, size, size, GUARD);
    Values image = new Values(block.data(), held, size, Place.HOST);
    Values one = Values.allocate(arena, rounded, 1);
    for (long i = 0; i < size; i++) {
      image.set(i, rounded(one, content.applyAsDouble(i)));
    }
    return placed(block, new Values(block.start(), held, size, block.place()));
  }

  /** Whole numbers by index. */
  Values integers(ArrayElement type, long... content) {
    Block block = block(type, 1, content.length, content.length, GUARD);
    Values image = new Values(block.data(), type, content.length, Place.HOST);
    for (int i = 0; i < content.length; i++) {
      image.setLong(i, content[i]);
    }
    return placed(block, new Values(block.start(), type, content.length, block.place()));
  }

  /** An output: elements of nothing but ones, which is NaN, -1 or true. */
  Values poisoned(ArrayElement type, long size) {
    return poisonedExactly(type(type), size);
  }

  /** As {@link #poisoned}, of this very type on the oracle's stage too. */
  Values poisonedExactly(ArrayElement type, long size) {
    Block block = block(type, 1, size, size, POISON);
    return placed(block, new Values(block.start(), type, size, block.place()));
  }

  /** Rows of numbers, with guarded gaps of some elements between them. */
  Matrix rows(ArrayElement type, long rows, long columns, int gap, LongToDoubleFunction content) {
    ArrayElement held = type(type);
    Block block = block(held, rows, columns, columns + gap, GUARD);
    Matrix image = new Matrix(block.data(), held, rows, columns, columns + gap, Place.HOST);
    Values one = Values.allocate(arena, type, 1);
    for (long row = 0; row < rows; row++) {
      Values cells = image.row(row);
      for (long column = 0; column < columns; column++) {
        cells.set(column, rounded(one, content.applyAsDouble(row * columns + column)));
      }
    }
    return placed(
        block, new Matrix(block.start(), held, rows, columns, columns + gap, block.place()));
  }

  private static double rounded(Values one, double value) {
    one.set(0, value);
    return one.get(0);
  }

  private Block block(ArrayElement type, long rows, long columns, long stride, byte filling) {
    long width = type.bytes();
    long elements = rows == 0 ? 0 : (rows - 1) * stride + columns;
    long offset = GUARD_BYTES + shift * width;
    MemorySegment image =
        arena.allocate(offset + elements * width + GUARD_BYTES, GUARD_BYTES).fill(GUARD);
    DeviceBuffer buffer = device == null ? null : device.allocate(image.byteSize());
    Block block =
        new Block(image, buffer, offset, rows, columns * width, stride * width, elements * width);
    for (long row = 0; row < rows; row++) {
      block.data().asSlice(row * stride * width, columns * width).fill(filling);
    }
    return block;
  }

  private <A extends Record> A placed(Block block, A array) {
    if (block.buffer() != null) {
      block.buffer().copyFrom(block.image(), 0);
    }
    blocks.put(array, block);
    inOrder.add(block);
    return array;
  }

  /** Brings what the device holds into view; the elements can be read after this. */
  void fetch() {
    for (Block block : inOrder) {
      if (block.buffer() != null) {
        block.buffer().copyTo(block.image(), 0);
      }
    }
  }

  /** The elements of an array of this stage, row by row, as doubles. */
  double[] read(Record array) {
    Block block = blocks.get(array);
    if (block == null) {
      throw new IllegalArgumentException("the array is not of this stage");
    }
    ArrayElement type =
        switch (array) {
          case Values values -> values.type();
          case Matrix matrix -> matrix.type();
          default -> throw new IllegalArgumentException("no array: " + array);
        };
    int columns = Math.toIntExact(block.rowBytes() / type.bytes());
    double[] numbers = new double[Math.toIntExact(block.rows() * columns)];
    for (int row = 0; row < block.rows(); row++) {
      Values cells =
          new Values(
              block.data().asSlice(row * block.strideBytes(), block.rowBytes()),
              type,
              columns,
              Place.HOST);
      for (int column = 0; column < columns; column++) {
        numbers[row * columns + column] = cells.get(column);
      }
    }
    return numbers;
  }

  /** Whether every byte that is not an element of an array still is what it was. */
  boolean guardsHold() {
    return inOrder.stream().allMatch(Block::guardsHold);
  }

  @Override
  public void close() {
    for (Block block : inOrder) {
      if (block.buffer() != null) {
        block.buffer().close();
      }
    }
    arena.close();
  }

  /** An array with its surroundings: the host's image of it and, on a device, the real one. */
  private record Block(
      MemorySegment image,
      @Nullable DeviceBuffer buffer,
      long offset,
      long rows,
      long rowBytes,
      long strideBytes,
      long dataBytes) {
    MemorySegment data() {
      return image.asSlice(offset, dataBytes);
    }

    /** Where an operation finds the elements. */
    MemorySegment start() {
      return buffer == null ? data() : buffer.segment().asSlice(offset, dataBytes);
    }

    Place place() {
      return buffer == null ? Place.HOST : Place.DEVICE;
    }

    boolean guardsHold() {
      long at = 0;
      for (long row = 0; row < rows && rowBytes > 0; row++) {
        long start = offset + row * strideBytes;
        if (!isGuard(at, start)) {
          return false;
        }
        at = start + rowBytes;
      }
      return isGuard(at, image.byteSize());
    }

    private boolean isGuard(long from, long to) {
      for (long i = from; i < to; i++) {
        if (image.get(ValueLayout.JAVA_BYTE, i) != GUARD) {
          return false;
        }
      }
      return true;
    }
  }
}
