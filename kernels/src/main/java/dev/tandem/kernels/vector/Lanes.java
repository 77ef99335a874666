package dev.tandem.kernels.vector;

import static dev.tandem.kernels.vector.VectorMath.DOUBLES;

import dev.tandem.kernels.operation.ArrayElement;
import dev.tandem.kernels.operation.BFloat16;
import dev.tandem.kernels.operation.Values;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * Moves F32 and F64 arrays through float64 lanes. What is computed per token is small beside the
 * logits it comes from, so all of it is done in float64; a mask of lanes ends the last step of a
 * loop.
 */
final class Lanes {
  static final int WIDTH = DOUBLES.length();
  static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** As many float32 lanes as there are float64 ones. */
  private static final VectorSpecies<Float> NARROW =
      VectorSpecies.of(float.class, VectorShape.forBitSize(DOUBLES.vectorBitSize() / 2));

  private static final VectorSpecies<Integer> NARROW_INTS = NARROW.withLanes(int.class);
  private static final VectorSpecies<Short> NARROW_HALVES =
      VectorSpecies.of(short.class, VectorShape.forBitSize(DOUBLES.vectorBitSize() / 4));

  private static final long LOW_SEVEN_BITS = 0x7F7F7F7F7F7F7F7FL;
  private static final long TOP_BITS = 0x8080808080808080L;
  private static final long GATHER_BITS = 0x0102040810204080L;

  private Lanes() {}

  /** The lanes from element {@code index} on that are before the end. */
  static VectorMask<Double> before(long end, long index) {
    return DOUBLES.indexInRange(index, end);
  }

  /** Elements from {@code index} on; 0 in the other lanes. */
  static DoubleVector load(Values values, long index, VectorMask<Double> lanes) {
    return load(values.segment(), 0, values.type(), index, lanes);
  }

  /** Elements of an array that starts {@code offset} bytes into the segment. */
  static DoubleVector load(
      MemorySegment segment, long offset, ArrayElement type, long index, VectorMask<Double> lanes) {
    long at = offset + index * type.bytes();
    return switch (type) {
      case F64 -> DoubleVector.fromMemorySegment(DOUBLES, segment, at, ORDER, lanes);
      case F32 ->
          widen(FloatVector.fromMemorySegment(NARROW, segment, at, ORDER, lanes.cast(NARROW)));
      case BF16 ->
          widen(
              ((IntVector)
                      ShortVector.fromMemorySegment(
                              NARROW_HALVES, segment, at, ORDER, lanes.cast(NARROW_HALVES))
                          .convertShape(VectorOperators.ZERO_EXTEND_S2I, NARROW_INTS, 0))
                  .lanewise(VectorOperators.LSHL, Short.SIZE)
                  .reinterpretAsFloats());
      case I32, I64, BOOL -> throw new IllegalArgumentException(type + " is no floating point");
    };
  }

  private static DoubleVector widen(FloatVector narrow) {
    return (DoubleVector) narrow.convertShape(VectorOperators.F2D, DOUBLES, 0);
  }

  static void store(Values values, long index, DoubleVector lanes, VectorMask<Double> in) {
    if (values.type() == ArrayElement.F64) {
      lanes.intoMemorySegment(values.segment(), index * Double.BYTES, ORDER, in);
    } else {
      ((FloatVector) lanes.convertShape(VectorOperators.D2F, NARROW, 0))
          .intoMemorySegment(values.segment(), index * Float.BYTES, ORDER, in.cast(NARROW));
    }
  }

  /** The lanes of {@code in} whose element of a mask is set; all of them without a mask. */
  static VectorMask<Double> masked(@Nullable Values mask, long index, VectorMask<Double> in) {
    return mask == null ? in : in.and(VectorMask.fromLong(DOUBLES, bits(mask, index)));
  }

  /** A bit for each of the next elements of a mask, 0 beyond its end. */
  private static long bits(Values mask, long index) {
    if (index + Long.BYTES <= mask.size()) {
      long bytes = mask.segment().get(ValueLayout.JAVA_LONG_UNALIGNED, index);
      long ones = ((((bytes & LOW_SEVEN_BITS) + LOW_SEVEN_BITS) | bytes) & TOP_BITS) >>> 7;
      return (ones * GATHER_BITS) >>> 56;
    }
    long bits = 0;
    for (int lane = 0; lane < WIDTH && index + lane < mask.size(); lane++) {
      bits |= mask.getLong(index + lane) << lane;
    }
    return bits;
  }

  /**
   * Copies elements {@code [from, from + count)} to the start of an array, and 0 up to the next
   * whole vector. Loops over plain arrays stay small enough for the compiler to keep every vector
   * in a register; loops over segments of many types do not.
   */
  static void read(Values values, long from, int count, double[] to) {
    long offset = from * values.type().bytes();
    read(values.segment(), offset, values.type(), count, to);
  }

  /** As the other, from {@code offset} bytes into the segment. */
  static void read(MemorySegment segment, long offset, ArrayElement type, int count, double[] to) {
    int i = 0;
    if (type == ArrayElement.F32) {
      for (; i <= count - WIDTH; i += WIDTH) {
        widen(
                FloatVector.fromMemorySegment(
                    NARROW, segment, offset + (long) i * Float.BYTES, ORDER))
            .intoArray(to, i);
      }
    } else if (type == ArrayElement.F64) {
      for (; i <= count - WIDTH; i += WIDTH) {
        DoubleVector.fromMemorySegment(DOUBLES, segment, offset + (long) i * Double.BYTES, ORDER)
            .intoArray(to, i);
      }
    }
    for (; i < count; i++) {
      to[i] = element(segment, type, offset + (long) i * type.bytes());
    }
    Arrays.fill(to, count, whole(count), 0);
  }

  /** The floating-point number at a byte of the segment. */
  static double element(MemorySegment segment, ArrayElement type, long at) {
    return switch (type) {
      case F32 -> segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
      case F64 -> segment.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, at);
      case BF16 -> BFloat16.toFloat(segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, at));
      case I32, I64, BOOL -> throw new IllegalArgumentException(type + " is no floating point");
    };
  }

  /** As {@link #read}, or 1 everywhere without an array. */
  static void readOrOne(@Nullable Values values, long from, int count, double[] to) {
    if (values == null) {
      Arrays.fill(to, 0, count, 1);
      Arrays.fill(to, count, whole(count), 0);
    } else if (values.type() == ArrayElement.BOOL) {
      for (int i = 0; i < count; i++) {
        to[i] = values.segment().get(ValueLayout.JAVA_BYTE, from + i) == 0 ? 0 : 1;
      }
      Arrays.fill(to, count, whole(count), 0);
    } else {
      read(values, from, count, to);
    }
  }

  /** Copies the first elements of an array to where they belong, if they are wanted. */
  static void write(@Nullable Values values, long from, int count, double[] lanes) {
    if (values == null) {
      return;
    }
    MemorySegment segment = values.segment();
    int i = 0;
    if (values.type() == ArrayElement.F32) {
      for (; i <= count - WIDTH; i += WIDTH) {
        ((FloatVector)
                DoubleVector.fromArray(DOUBLES, lanes, i)
                    .convertShape(VectorOperators.D2F, NARROW, 0))
            .intoMemorySegment(segment, (from + i) * Float.BYTES, ORDER);
      }
    } else {
      for (; i <= count - WIDTH; i += WIDTH) {
        DoubleVector.fromArray(DOUBLES, lanes, i)
            .intoMemorySegment(segment, (from + i) * Double.BYTES, ORDER);
      }
    }
    for (; i < count; i++) {
      values.set(from + i, lanes[i]);
    }
  }

  /** The next multiple of the width. */
  static int whole(int count) {
    return Math.ceilDiv(count, WIDTH) * WIDTH;
  }

  /**
   * The sum of all lanes in a fixed order, which {@code reduceLanes} does not promise.
   *
   * @param memory working memory of at least as many elements as there are lanes
   */
  static double sum(DoubleVector lanes, double[] memory) {
    lanes.intoArray(memory, 0);
    return sum(memory);
  }

  static double sum(double[] lanes) {
    double sum = 0;
    for (int lane = 0; lane < WIDTH; lane++) {
      sum += lanes[lane];
    }
    return sum;
  }
}
