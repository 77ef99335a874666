package dev.tandem.kernels.vector;

import static dev.tandem.kernels.vector.Lanes.ORDER;
import static dev.tandem.kernels.vector.Lanes.WIDTH;
import static dev.tandem.kernels.vector.VectorMath.DOUBLES;
import static dev.tandem.kernels.vector.VectorMath.FLOATS;
import static dev.tandem.kernels.vector.VectorMath.LOG2_E;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.MAX;

import dev.tandem.kernels.operation.ArrayElement;
import dev.tandem.kernels.operation.Matrix;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The sum of a row's exponentials, in one reading. Exponentials are taken relative to the largest
 * logit of the first block; only a block that exceeds it by 2^32 is summed again, relative to its
 * own largest, after the sums so far have been scaled down. Within a block of 1,024 sums are
 * float32, 16 or fewer terms deep per lane and chain; across blocks they are float64.
 */
final class RowSums {
  /** How far above its reference, in powers of two, an exponential may lie. */
  private static final float HEADROOM = 32;

  private RowSums() {}

  /**
   * Leaves maximum, sum and product of the row in the scratch memory; the sum is NaN as defined.
   */
  static void of(Matrix logits, long row, double temperature, Scratch scratch) {
    if (logits.type() == ArrayElement.F64) {
      ofDoubles(logits, row, temperature, scratch);
    } else {
      ofFloats(logits, row, temperature, scratch);
    }
    if (scratch.maximum == Double.NEGATIVE_INFINITY) {
      scratch.sum = Double.NaN;
    }
  }

  private static void ofFloats(Matrix logits, long row, double temperature, Scratch scratch) {
    boolean wide = logits.type() == ArrayElement.F32;
    MemorySegment block = wide ? logits.segment() : scratch.block;
    float scale = (float) (LOG2_E / temperature);
    float reference = Float.NEGATIVE_INFINITY;
    Arrays.fill(scratch.sums, 0);
    Arrays.fill(scratch.products, 0);
    for (long from = 0; from < logits.columns(); from += Scratch.BLOCK) {
      int size = (int) Math.min(Scratch.BLOCK, logits.columns() - from);
      long at = logits.rowOffset(row) + from * logits.type().bytes();
      if (!wide) {
        Conversion.widen(logits.segment(), at, block, 0, size);
        at = 0;
      }
      if (reference == Float.NEGATIVE_INFINITY) {
        reference = maximum(block, at, size);
        if (reference == Float.NEGATIVE_INFINITY) {
          continue;
        }
      }
      float excess = add(block, at, size, reference, scale, scratch);
      if (excess > 0) {
        float higher = reference + excess;
        rescale(scratch, reference - (double) higher, temperature);
        reference = higher;
        add(block, at, size, reference, scale, scratch);
      }
    }
    scratch.maximum = reference;
    scratch.sum = Lanes.sum(scratch.sums);
    scratch.product = Lanes.sum(scratch.products);
  }

  /** The largest of a block; NaN if there is one. */
  private static float maximum(MemorySegment block, long at, int size) {
    FloatVector least = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    FloatVector maximum = least;
    int i = 0;
    for (; i <= size - FLOATS.length(); i += FLOATS.length()) {
      maximum =
          maximum.max(
              FloatVector.fromMemorySegment(FLOATS, block, at + (long) i * Float.BYTES, ORDER));
    }
    if (i < size) {
      VectorMask<Float> in = FLOATS.indexInRange(i, size);
      FloatVector last =
          FloatVector.fromMemorySegment(FLOATS, block, at + (long) i * Float.BYTES, ORDER, in);
      maximum = maximum.max(least.blend(last, in));
    }
    return maximum.reduceLanes(MAX);
  }

  /**
   * Adds a block's exponentials to the sums and returns 0; or adds nothing and returns by how much
   * the block exceeds the reference, where that is too much.
   */
  private static float add(
      MemorySegment block, long at, int size, float reference, float scale, Scratch scratch) {
    FloatVector factor = FloatVector.broadcast(FLOATS, scale);
    FloatVector least = FloatVector.broadcast(FLOATS, VectorMath.LEAST_POWER / scale);
    FloatVector greatest = FloatVector.zero(FLOATS);
    FloatVector sum = FloatVector.zero(FLOATS);
    FloatVector product = FloatVector.zero(FLOATS);
    int i = 0;
    for (; i <= size - FLOATS.length(); i += FLOATS.length()) {
      FloatVector distance =
          FloatVector.fromMemorySegment(FLOATS, block, at + (long) i * Float.BYTES, ORDER)
              .sub(reference);
      greatest = greatest.blend(distance, distance.compare(GT, greatest));
      distance = distance.blend(least, distance.compare(LT, least));
      FloatVector exponential = VectorMath.power(distance, factor);
      sum = sum.add(exponential);
      product = exponential.fma(distance, product);
    }
    if (i < size) {
      VectorMask<Float> in = FLOATS.indexInRange(i, size);
      FloatVector distance =
          FloatVector.fromMemorySegment(FLOATS, block, at + (long) i * Float.BYTES, ORDER, in)
              .sub(reference);
      distance = least.blend(distance, in);
      greatest = greatest.blend(distance, distance.compare(GT, greatest));
      distance = distance.blend(least, distance.compare(LT, least));
      FloatVector exponential = VectorMath.power(distance, factor);
      sum = sum.add(exponential);
      product = exponential.fma(distance, product);
    }
    if (greatest.compare(GT, HEADROOM / scale).anyTrue()) {
      return greatest.reduceLanes(MAX);
    }
    sum.intoArray(scratch.floats, 0);
    accumulate(scratch.floats, scratch.sums);
    product.intoArray(scratch.floats, 0);
    accumulate(scratch.floats, scratch.products);
    return 0;
  }

  private static void accumulate(float[] lanes, double[] sums) {
    for (int lane = 0; lane < WIDTH; lane++) {
      sums[lane] += (double) lanes[lane] + lanes[lane + WIDTH];
    }
  }

  /** Makes the sums relative to a reference that is {@code -change} higher. */
  private static void rescale(Scratch scratch, double change, double temperature) {
    double factor = Math.exp(change / temperature);
    for (int lane = 0; lane < WIDTH; lane++) {
      scratch.products[lane] = factor * (scratch.products[lane] + scratch.sums[lane] * change);
      scratch.sums[lane] *= factor;
    }
  }

  private static void ofDoubles(Matrix logits, long row, double temperature, Scratch scratch) {
    double maximum = maximum(logits, row);
    DoubleVector least = DoubleVector.broadcast(DOUBLES, VectorMath.LEAST_EXPONENT * temperature);
    DoubleVector sum = DoubleVector.zero(DOUBLES);
    DoubleVector product = DoubleVector.zero(DOUBLES);
    long offset = logits.rowOffset(row);
    for (long i = 0; i < logits.columns(); i += WIDTH) {
      VectorMask<Double> in = Lanes.before(logits.columns(), i);
      DoubleVector distance =
          Lanes.load(logits.segment(), offset, ArrayElement.F64, i, in).sub(maximum);
      VectorMask<Double> vanishing = distance.compare(LT, least);
      DoubleVector exponential = VectorMath.exp(distance.div(temperature)).blend(0, vanishing);
      sum = sum.add(exponential, in);
      product = product.add(exponential.mul(distance.blend(0, vanishing)), in);
    }
    scratch.maximum = maximum;
    scratch.sum = Lanes.sum(sum, scratch.sums);
    scratch.product = Lanes.sum(product, scratch.products);
  }

  /** The largest logit of a row; NaN if there is one. */
  private static double maximum(Matrix logits, long row) {
    DoubleVector least = DoubleVector.broadcast(DOUBLES, Double.NEGATIVE_INFINITY);
    DoubleVector maximum = least;
    long offset = logits.rowOffset(row);
    for (long i = 0; i < logits.columns(); i += WIDTH) {
      VectorMask<Double> in = Lanes.before(logits.columns(), i);
      DoubleVector lanes = Lanes.load(logits.segment(), offset, logits.type(), i, in);
      maximum = maximum.max(least.blend(lanes, in));
    }
    return maximum.reduceLanes(MAX);
  }
}
