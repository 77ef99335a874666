package dev.tandem.kernels.vector;

import static dev.tandem.kernels.vector.Lanes.ORDER;
import static dev.tandem.kernels.vector.Lanes.WIDTH;
import static dev.tandem.kernels.vector.VectorMath.DOUBLES;
import static dev.tandem.kernels.vector.VectorMath.FLOATS;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.MAX;

import dev.tandem.kernels.operation.ArrayElement;
import dev.tandem.kernels.operation.Matrix;
import dev.tandem.kernels.operation.SingleRows;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The sum of a row's exponentials, in one reading: F32 and BF16 rows as {@link SingleRows} says, to
 * the bit, on as many lanes as there are.
 */
final class RowSums {
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
    float scale = SingleRows.scale(temperature);
    float reference = Float.NEGATIVE_INFINITY;
    Arrays.fill(scratch.rowSums, 0);
    Arrays.fill(scratch.rowProducts, 0);
    for (long from = 0; from < logits.columns(); from += SingleRows.BLOCK) {
      int size = (int) Math.min(SingleRows.BLOCK, logits.columns() - from);
      long at = logits.rowOffset(row) + from * logits.type().bytes();
      MemorySegment block = logits.segment();
      if (!wide || size % SingleRows.LANES != 0) {
        copy(logits, at, size, scratch.block);
        block = scratch.block;
        at = 0;
        size = padded(block, size);
      }
      if (reference == Float.NEGATIVE_INFINITY) {
        reference = maximum(block, at, size);
        if (reference == Float.NEGATIVE_INFINITY) {
          continue;
        }
      }
      float excess = add(block, at, size, reference, scale, scratch);
      if (excess > SingleRows.HEADROOM / scale) {
        float higher = reference + excess;
        rescale(scratch, reference - (double) higher, temperature);
        reference = higher;
        add(block, at, size, reference, scale, scratch);
      }
      accumulate(scratch);
    }
    scratch.maximum = reference;
    scratch.sum = sum(scratch.rowSums);
    scratch.product = sum(scratch.rowProducts);
  }

  private static void copy(Matrix logits, long at, int size, MemorySegment block) {
    if (logits.type() == ArrayElement.F32) {
      MemorySegment.copy(logits.segment(), at, block, 0, (long) size * Float.BYTES);
    } else {
      Conversion.widen(logits.segment(), at, block, 0, size);
    }
  }

  /** Adds impossible tokens, which change no sum, up to a multiple of the lanes. */
  private static int padded(MemorySegment block, int size) {
    int end = Math.ceilDiv(size, SingleRows.LANES) * SingleRows.LANES;
    for (int i = size; i < end; i++) {
      block.set(ValueLayout.JAVA_FLOAT, (long) i * Float.BYTES, Float.NEGATIVE_INFINITY);
    }
    return end;
  }

  /** The largest of a block; NaN if there is one. */
  private static float maximum(MemorySegment block, long at, int size) {
    FloatVector maximum = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < size; i += FLOATS.length()) {
      maximum =
          maximum.max(
              FloatVector.fromMemorySegment(FLOATS, block, at + (long) i * Float.BYTES, ORDER));
    }
    return maximum.reduceLanes(MAX);
  }

  /**
   * Sums a block's exponentials by lanes, a vector of lanes after the other: a loop over more than
   * one exponential would be too long for the compiler to keep all vectors in registers.
   *
   * @return by how much the block exceeds the reference
   */
  private static float add(
      MemorySegment block, long at, int size, float reference, float scale, Scratch scratch) {
    float greatest = 0;
    for (int lane = 0; lane < SingleRows.LANES; lane += FLOATS.length()) {
      greatest = Math.max(greatest, add(block, at, size, reference, scale, lane, scratch));
    }
    return greatest;
  }

  private static float add(
      MemorySegment block,
      long at,
      int size,
      float reference,
      float scale,
      int lane,
      Scratch scratch) {
    FloatVector factor = FloatVector.broadcast(FLOATS, scale);
    FloatVector least = FloatVector.broadcast(FLOATS, SingleRows.LEAST_POWER / scale);
    FloatVector greatest = FloatVector.zero(FLOATS);
    FloatVector sum = FloatVector.zero(FLOATS);
    FloatVector product = FloatVector.zero(FLOATS);
    for (int i = lane; i < size; i += SingleRows.LANES) {
      FloatVector distance =
          FloatVector.fromMemorySegment(FLOATS, block, at + (long) i * Float.BYTES, ORDER)
              .sub(reference);
      greatest = greatest.blend(distance, distance.compare(GT, greatest));
      distance = distance.blend(least, distance.compare(LT, least));
      FloatVector exponential = VectorMath.power(distance, factor);
      sum = sum.add(exponential);
      product = exponential.fma(distance, product);
    }
    sum.intoArray(scratch.lanes, lane);
    product.intoArray(scratch.productLanes, lane);
    return greatest.reduceLanes(MAX);
  }

  private static void accumulate(Scratch scratch) {
    for (int i = 0; i < SingleRows.SUMS; i++) {
      int upper = i + SingleRows.SUMS;
      scratch.rowSums[i] += (double) scratch.lanes[i] + scratch.lanes[upper];
      scratch.rowProducts[i] += (double) scratch.productLanes[i] + scratch.productLanes[upper];
    }
  }

  /** Makes the sums relative to a reference that is {@code -change} higher. */
  private static void rescale(Scratch scratch, double change, double temperature) {
    double factor = StrictMath.exp(change / temperature);
    for (int i = 0; i < SingleRows.SUMS; i++) {
      scratch.rowProducts[i] = factor * (scratch.rowProducts[i] + scratch.rowSums[i] * change);
      scratch.rowSums[i] *= factor;
    }
  }

  private static double sum(double[] sums) {
    double sum = 0;
    for (double one : sums) {
      sum += one;
    }
    return sum;
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
