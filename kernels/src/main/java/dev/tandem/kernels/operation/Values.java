package dev.tandem.kernels.operation;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * A one-dimensional array: a view of memory that somebody else owns and keeps alive. Any alignment
 * is welcome. Reading and writing single elements is for the scalar backend and for tests.
 *
 * @param segment at least {@code size} elements
 * @param type of the elements
 * @param size number of elements, at least 0
 * @param place whose memory it is
 */
public record Values(MemorySegment segment, ArrayElement type, long size, Place place) {
  private static final int BF16_SHIFT = 16;

  /** Checks that the elements fit. */
  public Values {
    if (size < 0) {
      throw new IllegalArgumentException("size must be at least 0, was " + size);
    }
    if (segment.byteSize() / type.bytes() < size) {
      throw new IllegalArgumentException(
          "%d elements of %s need %d bytes, the segment has %d"
              .formatted(size, type, size * type.bytes(), segment.byteSize()));
    }
  }

  /** As many elements as the segment holds, in host memory. */
  public static Values of(MemorySegment segment, ArrayElement type) {
    return new Values(segment, type, segment.byteSize() / type.bytes(), Place.HOST);
  }

  /** New zeros off the heap. */
  public static Values allocate(Arena arena, ArrayElement type, long size) {
    return of(arena.allocate(size * type.bytes(), Long.BYTES), type);
  }

  /** A view of a Java array. */
  public static Values of(double[] values) {
    return of(MemorySegment.ofArray(values), ArrayElement.F64);
  }

  /** A view of a Java array. */
  public static Values of(float[] values) {
    return of(MemorySegment.ofArray(values), ArrayElement.F32);
  }

  /** A view of a Java array. */
  public static Values of(int[] values) {
    return of(MemorySegment.ofArray(values), ArrayElement.I32);
  }

  /** A view of a Java array. */
  public static Values of(long[] values) {
    return of(MemorySegment.ofArray(values), ArrayElement.I64);
  }

  /** A copy of a Java array as a mask; there are no views of boolean arrays. */
  public static Values mask(boolean[] mask) {
    byte[] bytes = new byte[mask.length];
    for (int i = 0; i < mask.length; i++) {
      bytes[i] = (byte) (mask[i] ? 1 : 0);
    }
    return of(MemorySegment.ofArray(bytes), ArrayElement.BOOL);
  }

  /** Elements {@code [from, to)} as an array of their own, which shares the memory. */
  public Values slice(long from, long to) {
    Objects.checkFromToIndex(from, to, size);
    return new Values(
        segment.asSlice(from * type.bytes(), (to - from) * type.bytes()), type, to - from, place);
  }

  /** The element as a double; exact for all floating-point types, integers up to 2^53, 0 and 1. */
  public double get(long index) {
    Objects.checkIndex(index, size);
    return switch (type) {
      case F32 -> segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, index * Float.BYTES);
      case F64 -> segment.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, index * Double.BYTES);
      case BF16 ->
          Float.intBitsToFloat(
              segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, index * Short.BYTES) << BF16_SHIFT);
      case I32, I64, BOOL -> getLong(index);
    };
  }

  /** Stores a double, rounded to nearest, ties to even. */
  public void set(long index, double value) {
    Objects.checkIndex(index, size);
    switch (type) {
      case F32 -> segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, index * Float.BYTES, (float) value);
      case F64 -> segment.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, index * Double.BYTES, value);
      case BF16 ->
          segment.set(
              ValueLayout.JAVA_SHORT_UNALIGNED,
              index * Short.BYTES,
              BFloat16.fromFloat((float) value));
      case I32, I64, BOOL -> setLong(index, (long) value);
    }
  }

  /**
   * The integer element.
   *
   * @throws UnsupportedOperationException if the elements are no integers
   */
  public long getLong(long index) {
    Objects.checkIndex(index, size);
    return switch (type) {
      case I32 -> segment.get(ValueLayout.JAVA_INT_UNALIGNED, index * Integer.BYTES);
      case I64 -> segment.get(ValueLayout.JAVA_LONG_UNALIGNED, index * Long.BYTES);
      case BOOL -> segment.get(ValueLayout.JAVA_BYTE, index) == 0 ? 0 : 1;
      case F32, F64, BF16 -> throw new UnsupportedOperationException(type + " is no integer type");
    };
  }

  /**
   * Stores an integer.
   *
   * @throws UnsupportedOperationException if the elements are no integers
   */
  public void setLong(long index, long value) {
    Objects.checkIndex(index, size);
    switch (type) {
      case I32 ->
          segment.set(
              ValueLayout.JAVA_INT_UNALIGNED, index * Integer.BYTES, Math.toIntExact(value));
      case I64 -> segment.set(ValueLayout.JAVA_LONG_UNALIGNED, index * Long.BYTES, value);
      case BOOL -> segment.set(ValueLayout.JAVA_BYTE, index, (byte) (value == 0 ? 0 : 1));
      case F32, F64, BF16 -> throw new UnsupportedOperationException(type + " is no integer type");
    }
  }

  /** Whether the element of a mask is true. */
  public boolean isSet(long index) {
    return getLong(index) != 0;
  }
}
