package dev.tandem.kernels.vector;

import static dev.tandem.kernels.vector.Lanes.ORDER;
import static dev.tandem.kernels.vector.VectorMath.FLOATS;
import static jdk.incubator.vector.VectorOperators.I2S;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.NE;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_S2I;

import dev.tandem.kernels.operation.ArrayElement;
import dev.tandem.kernels.operation.BFloat16;
import dev.tandem.kernels.operation.Convert;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** {@link Convert}, whole or in parts: bfloat16 is the upper half of a float32. */
final class Conversion {
  private static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));
  private static final int HALF = 16;
  private static final int BELOW_HALF = 0x7FFF;
  private static final int QUIET = 0x40;

  private Conversion() {}

  static void run(Convert it) {
    long size = it.from().size();
    if (it.from().type() == ArrayElement.BF16) {
      widen(it.from().segment(), 0, it.to().segment(), 0, size);
    } else {
      narrow(it.from().segment(), 0, it.to().segment(), 0, size);
    }
  }

  /** From BF16 to F32; offsets in bytes. */
  static void widen(MemorySegment from, long fromAt, MemorySegment to, long toAt, long size) {
    long i = 0;
    for (; i <= size - SHORTS.length(); i += SHORTS.length()) {
      ((IntVector)
              ShortVector.fromMemorySegment(SHORTS, from, fromAt + i * Short.BYTES, ORDER)
                  .convertShape(ZERO_EXTEND_S2I, INTS, 0))
          .lanewise(LSHL, HALF)
          .reinterpretAsFloats()
          .intoMemorySegment(to, toAt + i * Float.BYTES, ORDER);
    }
    for (; i < size; i++) {
      short bits = from.get(ValueLayout.JAVA_SHORT_UNALIGNED, fromAt + i * Short.BYTES);
      to.set(ValueLayout.JAVA_FLOAT_UNALIGNED, toAt + i * Float.BYTES, BFloat16.toFloat(bits));
    }
  }

  /** From F32 to BF16; offsets in bytes. */
  static void narrow(MemorySegment from, long fromAt, MemorySegment to, long toAt, long size) {
    long i = 0;
    for (; i <= size - SHORTS.length(); i += SHORTS.length()) {
      FloatVector values =
          FloatVector.fromMemorySegment(FLOATS, from, fromAt + i * Float.BYTES, ORDER);
      IntVector bits = values.reinterpretAsInts();
      IntVector upper = bits.lanewise(LSHR, HALF);
      IntVector rounded = bits.add(upper.and(1)).add(BELOW_HALF).lanewise(LSHR, HALF);
      ((ShortVector)
              rounded
                  .blend(upper.or(QUIET), values.compare(NE, values).cast(INTS))
                  .convertShape(I2S, SHORTS, 0))
          .intoMemorySegment(to, toAt + i * Short.BYTES, ORDER);
    }
    for (; i < size; i++) {
      float value = from.get(ValueLayout.JAVA_FLOAT_UNALIGNED, fromAt + i * Float.BYTES);
      to.set(ValueLayout.JAVA_SHORT_UNALIGNED, toAt + i * Short.BYTES, BFloat16.fromFloat(value));
    }
  }
}
