package dev.tandem.kernels.vector;

import static dev.tandem.kernels.vector.Lanes.WIDTH;
import static dev.tandem.kernels.vector.VectorMath.DOUBLES;
import static jdk.incubator.vector.VectorOperators.LT;

import dev.tandem.kernels.operation.SamplingRule;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;

/**
 * Drops the tokens that a {@link SamplingRule} does not keep, without sorting. The last token kept
 * is found digit by digit of its logit, read as a whole number whose order is that of the logits:
 * the weights of all candidates are summed by their digit, and only those whose digit brings the
 * sum to the target stay candidates for the next one.
 */
final class Filter {
  private static final int DIGIT_BITS = 8;
  private static final int DIGIT_MASK = (1 << DIGIT_BITS) - 1;

  private Filter() {}

  /** Sets to -infinity what is not kept; the largest scaled logit is 0. */
  static void apply(SamplingRule rule, double[] scaled, int size, Scratch scratch) {
    if (rule.topK() > 0 && rule.topK() < size) {
      keepLargest(scaled, size, rule.topK(), /* byProbability= */ false, scratch);
    }
    if (rule.topP() < 1) {
      double mass = Sampling.mass(scaled, 0, size, scratch);
      keepLargest(scaled, size, rule.topP() * mass, /* byProbability= */ true, scratch);
    }
    if (rule.minP() > 0) {
      double least = rule.minP();
      for (int i = 0; i < size; i += WIDTH) {
        DoubleVector lanes = DoubleVector.fromArray(DOUBLES, scaled, i);
        lanes
            .blend(Double.NEGATIVE_INFINITY, VectorMath.exp(lanes).compare(LT, least))
            .intoArray(scaled, i);
      }
    }
  }

  /** Keeps the fewest of the largest tokens whose weights reach the target. */
  private static void keepLargest(
      double[] scaled, int size, double target, boolean byProbability, Scratch scratch) {
    int[] candidates = scratch.candidates(size);
    for (int id = 0; id < size; id++) {
      candidates[id] = id;
    }
    int count = size;
    double missing = target;
    for (int shift = Long.SIZE - DIGIT_BITS; shift >= 0 && count > 1; shift -= DIGIT_BITS) {
      double[] weights = scratch.histogram;
      Arrays.fill(weights, 0);
      for (int i = 0; i < count; i++) {
        double value = scaled[candidates[i]];
        weights[digit(value, shift)] += byProbability ? Math.exp(value) : 1;
      }
      int digit = DIGIT_MASK;
      while (digit > 0 && weights[digit] < missing) {
        missing -= weights[digit];
        digit--;
      }
      int kept = 0;
      for (int i = 0; i < count; i++) {
        if (digit(scaled[candidates[i]], shift) == digit) {
          candidates[kept++] = candidates[i];
        }
      }
      if (kept == 0) {
        return;
      }
      count = kept;
    }
    // Those left are equal: the lower ids count as larger.
    double threshold = scaled[candidates[0]];
    double weight = byProbability ? Math.exp(threshold) : 1;
    int last = 0;
    for (double sum = weight; sum < missing && last + 1 < count; sum += weight) {
      last++;
    }
    int lastId = candidates[last];
    for (int id = 0; id < size; id++) {
      if (scaled[id] < threshold || (scaled[id] == threshold && id > lastId)) {
        scaled[id] = Double.NEGATIVE_INFINITY;
      }
    }
  }

  /** A digit of the value as an unsigned number of the same order. */
  private static int digit(double value, int shift) {
    long bits = Double.doubleToRawLongBits(value + 0.0);
    long ordered = bits ^ ((bits >> (Long.SIZE - 1)) | Long.MIN_VALUE);
    return (int) (ordered >>> shift) & DIGIT_MASK;
  }
}
