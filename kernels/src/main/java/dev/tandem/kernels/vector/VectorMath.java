package dev.tandem.kernels.vector;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.L2D;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import dev.tandem.kernels.operation.SingleRows;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Exponentials and logarithms made of single IEEE 754 operations, so that they give the same bits
 * interpreted, compiled, and on every processor. The JDK's own lanewise {@code EXP} does not: it is
 * one function in the interpreter and another once compiled, and a run would depend on when that
 * happens.
 *
 * <p>All go by the same way: the argument is split into a whole power of two, which becomes the
 * exponent of the result, and a rest of at most a half, for which a polynomial stands. Adding a
 * number of the size 1.5 times 2 to the number of fraction bits rounds to a whole number and leaves
 * it in the lowest bits, from where a shift brings it into the exponent.
 *
 * <p>The polynomial is always the last of our own methods to be called: its operations use up what
 * the compiler is willing to inline into one method, and a vector that goes into or comes out of a
 * call behind it would be made an object.
 */
final class VectorMath {
  static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
  static final VectorSpecies<Long> LONGS = DOUBLES.withLanes(long.class);

  private static final int DOUBLE_FRACTION_BITS = 52;
  private static final double DOUBLE_ROUNDER = 0x1.8p52 + 1023;

  private static final double LOG2_E = SingleRows.LOG2_E;

  /** The natural logarithm of 2; the upper part has 32 bits, so that whole multiples are exact. */
  private static final double LN2_UPPER = 0x1.62e42feep-1;

  private static final double LN2_LOWER = 0x1.a39ef35793c76p-33;

  /** Below this the result would be smaller than the smallest normal number. */
  static final double LEAST_EXPONENT = -708;

  private static final long SQRT_HALF_BITS = Double.doubleToRawLongBits(Math.sqrt(0.5));

  private VectorMath() {}

  /** {@link SingleRows#power} of every lane. */
  static FloatVector power(FloatVector x, FloatVector scale) {
    FloatVector rounder = FloatVector.broadcast(FLOATS, SingleRows.ROUNDER);
    FloatVector shifted = x.fma(scale, rounder);
    FloatVector rest = x.fma(scale, rounder.sub(shifted));
    FloatVector polynomial =
        FloatVector.broadcast(FLOATS, SingleRows.C6)
            .fma(rest, FloatVector.broadcast(FLOATS, SingleRows.C5))
            .fma(rest, FloatVector.broadcast(FLOATS, SingleRows.C4))
            .fma(rest, FloatVector.broadcast(FLOATS, SingleRows.C3))
            .fma(rest, FloatVector.broadcast(FLOATS, SingleRows.C2))
            .fma(rest, FloatVector.broadcast(FLOATS, SingleRows.C1))
            .fma(rest, FloatVector.broadcast(FLOATS, 1));
    return polynomial.mul(
        shifted.reinterpretAsInts().lanewise(LSHL, SingleRows.FRACTION_BITS).reinterpretAsFloats());
  }

  /**
   * {@code e^x} for x up to 700; 0 below -708, NaN for NaN. The error is at most 2 units in the
   * last place.
   */
  static DoubleVector exp(DoubleVector x) {
    DoubleVector shifted = shifted(x);
    DoubleVector power = powerOfTwo(shifted);
    return expm1OfRest(rest(x, shifted)).add(1).mul(power).blend(0, x.compare(LT, LEAST_EXPONENT));
  }

  /** {@code e^x - 1} for x from -700 to 700; accurate near 0, NaN for NaN. */
  static DoubleVector expm1(DoubleVector x) {
    DoubleVector shifted = shifted(x);
    DoubleVector power = powerOfTwo(shifted);
    return expm1OfRest(rest(x, shifted)).fma(power, power.sub(1));
  }

  private static DoubleVector shifted(DoubleVector x) {
    return x.fma(
        DoubleVector.broadcast(DOUBLES, LOG2_E), DoubleVector.broadcast(DOUBLES, DOUBLE_ROUNDER));
  }

  /** {@code x - n ln 2} for the whole number n in {@code shifted}. */
  private static DoubleVector rest(DoubleVector x, DoubleVector shifted) {
    DoubleVector whole = shifted.sub(DOUBLE_ROUNDER);
    return whole.fma(
        DoubleVector.broadcast(DOUBLES, -LN2_LOWER),
        whole.fma(DoubleVector.broadcast(DOUBLES, -LN2_UPPER), x));
  }

  private static DoubleVector powerOfTwo(DoubleVector shifted) {
    return shifted.reinterpretAsLongs().lanewise(LSHL, DOUBLE_FRACTION_BITS).reinterpretAsDoubles();
  }

  /** {@code e^r - 1} for |r| up to ln 2 / 2: the Taylor series to the term r^13 / 13!. */
  private static DoubleVector expm1OfRest(DoubleVector r) {
    DoubleVector sum = DoubleVector.broadcast(DOUBLES, 1.0 / 6_227_020_800L);
    sum = sum.fma(r, DoubleVector.broadcast(DOUBLES, 1.0 / 479_001_600));
    sum = sum.fma(r, DoubleVector.broadcast(DOUBLES, 1.0 / 39_916_800));
    sum = sum.fma(r, DoubleVector.broadcast(DOUBLES, 1.0 / 3_628_800));
    sum = sum.fma(r, DoubleVector.broadcast(DOUBLES, 1.0 / 362_880));
    sum = sum.fma(r, DoubleVector.broadcast(DOUBLES, 1.0 / 40_320));
    sum = sum.fma(r, DoubleVector.broadcast(DOUBLES, 1.0 / 5_040));
    sum = sum.fma(r, DoubleVector.broadcast(DOUBLES, 1.0 / 720));
    sum = sum.fma(r, DoubleVector.broadcast(DOUBLES, 1.0 / 120));
    sum = sum.fma(r, DoubleVector.broadcast(DOUBLES, 1.0 / 24));
    sum = sum.fma(r, DoubleVector.broadcast(DOUBLES, 1.0 / 6));
    sum = sum.fma(r, DoubleVector.broadcast(DOUBLES, 0.5));
    return sum.mul(r).fma(r, r);
  }

  /**
   * {@code log(x)} for normal x above 0: {@code x = 2^n f} with f around 1, and {@code log f = 2
   * artanh(s)} with {@code s = (f - 1) / (f + 1)}. The error is at most 4 units in the last place.
   */
  static DoubleVector log(DoubleVector x) {
    LongVector bits = x.reinterpretAsLongs();
    LongVector exponent = bits.sub(SQRT_HALF_BITS).lanewise(ASHR, DOUBLE_FRACTION_BITS);
    DoubleVector f = bits.sub(exponent.lanewise(LSHL, DOUBLE_FRACTION_BITS)).reinterpretAsDoubles();
    DoubleVector n = (DoubleVector) exponent.convertShape(L2D, DOUBLES, 0);
    DoubleVector s = f.sub(1).div(f.add(1));
    DoubleVector z = s.mul(s);
    DoubleVector series = DoubleVector.broadcast(DOUBLES, 2.0 / 23);
    series = series.fma(z, DoubleVector.broadcast(DOUBLES, 2.0 / 21));
    series = series.fma(z, DoubleVector.broadcast(DOUBLES, 2.0 / 19));
    series = series.fma(z, DoubleVector.broadcast(DOUBLES, 2.0 / 17));
    series = series.fma(z, DoubleVector.broadcast(DOUBLES, 2.0 / 15));
    series = series.fma(z, DoubleVector.broadcast(DOUBLES, 2.0 / 13));
    series = series.fma(z, DoubleVector.broadcast(DOUBLES, 2.0 / 11));
    series = series.fma(z, DoubleVector.broadcast(DOUBLES, 2.0 / 9));
    series = series.fma(z, DoubleVector.broadcast(DOUBLES, 2.0 / 7));
    series = series.fma(z, DoubleVector.broadcast(DOUBLES, 2.0 / 5));
    series = series.fma(z, DoubleVector.broadcast(DOUBLES, 2.0 / 3));
    DoubleVector small = series.mul(z).fma(s, n.mul(LN2_LOWER)).add(s.add(s));
    return n.fma(DoubleVector.broadcast(DOUBLES, LN2_UPPER), small);
  }
}
