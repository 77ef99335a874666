package dev.tandem.kernels.scalar;

import dev.tandem.kernels.operation.SelectedLogProbs;
import dev.tandem.kernels.operation.SelectedLogProbsBackward;
import dev.tandem.kernels.operation.SingleRows;
import dev.tandem.kernels.operation.Values;
import java.util.Arrays;

/** {@link SelectedLogProbs} and its way back on F32 and BF16 rows, as {@link SingleRows} says. */
final class SingleLogProbs {
  private final float[] lanes = new float[SingleRows.LANES];
  private final float[] productLanes = new float[SingleRows.LANES];
  private final double[] sums = new double[SingleRows.SUMS];
  private final double[] products = new double[SingleRows.SUMS];

  private SingleLogProbs() {}

  static void forward(SelectedLogProbs it) {
    SingleLogProbs rows = new SingleLogProbs();
    for (long row = 0; row < it.logits().rows(); row++) {
      rows.forward(it, row, it.logits().row(row));
    }
  }

  private void forward(SelectedLogProbs it, long row, Values logits) {
    float scale = SingleRows.scale(it.temperature());
    float reference = Float.NEGATIVE_INFINITY;
    Arrays.fill(sums, 0);
    Arrays.fill(products, 0);
    for (long from = 0; from < logits.size(); from += SingleRows.BLOCK) {
      long to = Math.min(from + SingleRows.BLOCK, logits.size());
      if (reference == Float.NEGATIVE_INFINITY) {
        reference = maximum(logits, from, to);
        if (reference == Float.NEGATIVE_INFINITY) {
          continue;
        }
      }
      float excess = add(logits, from, to, reference, scale);
      if (excess > SingleRows.HEADROOM / scale) {
        float higher = reference + excess;
        rescale(reference - (double) higher, it.temperature());
        reference = higher;
        add(logits, from, to, reference, scale);
      }
      for (int i = 0; i < SingleRows.SUMS; i++) {
        sums[i] += (double) lanes[i] + lanes[i + SingleRows.SUMS];
        products[i] += (double) productLanes[i] + productLanes[i + SingleRows.SUMS];
      }
    }
    boolean impossible = reference == Float.NEGATIVE_INFINITY;
    it.write(
        row,
        logits.get(it.ids().getLong(row)),
        reference,
        impossible ? Double.NaN : sum(sums),
        sum(products));
  }

  private static float maximum(Values logits, long from, long to) {
    float maximum = Float.NEGATIVE_INFINITY;
    for (long j = from; j < to; j++) {
      maximum = Math.max(maximum, (float) logits.get(j));
    }
    return maximum;
  }

  /** Sums a block by lanes; by how much it exceeds the reference. */
  private float add(Values logits, long from, long to, float reference, float scale) {
    float least = SingleRows.LEAST_POWER / scale;
    float greatest = 0;
    Arrays.fill(lanes, 0);
    Arrays.fill(productLanes, 0);
    for (long j = from; j < to; j++) {
      int lane = (int) (j - from) % SingleRows.LANES;
      float distance = (float) logits.get(j) - reference;
      greatest = distance > greatest ? distance : greatest;
      distance = distance < least ? least : distance;
      float exponential = SingleRows.power(distance, scale);
      lanes[lane] += exponential;
      productLanes[lane] = Math.fma(exponential, distance, productLanes[lane]);
    }
    return greatest;
  }

  private void rescale(double change, double temperature) {
    double factor = StrictMath.exp(change / temperature);
    for (int i = 0; i < SingleRows.SUMS; i++) {
      products[i] = factor * (products[i] + sums[i] * change);
      sums[i] *= factor;
    }
  }

  private static double sum(double[] sums) {
    double sum = 0;
    for (double one : sums) {
      sum += one;
    }
    return sum;
  }

  static void backward(SelectedLogProbsBackward it) {
    Values entropies = it.entropies();
    Values entropyDerivatives = it.entropyDerivatives();
    for (long row = 0; row < it.logits().rows(); row++) {
      double derivative = it.logProbDerivatives().get(row);
      double ofEntropy = entropyDerivatives == null ? 0 : entropyDerivatives.get(row);
      Values logits = it.logits().row(row);
      if (derivative == 0 && ofEntropy == 0) {
        logits.segment().fill((byte) 0);
      } else {
        double entropy = entropies == null ? 0 : entropies.get(row);
        double temperature = it.temperature();
        backward(
            logits,
            it.ids().getLong(row),
            temperature,
            temperature * it.logSumExps().get(row),
            -(derivative + ofEntropy * entropy) / temperature,
            -ofEntropy / temperature / temperature,
            derivative / temperature);
      }
    }
  }

  /**
   * With d = logit - origin, so that log p = d / temperature: gradient = p (constant + slope d),
   * plus what the chosen token's has besides.
   */
  private static void backward(
      Values logits,
      long id,
      double temperature,
      double origin,
      double constant,
      double slope,
      double chosen) {
    float upper = (float) origin;
    float lower = (float) (origin - upper);
    float scale = SingleRows.scale(temperature);
    float least = SingleRows.LEAST_POWER / scale;
    for (long j = 0; j < logits.size(); j++) {
      float distance = (float) logits.get(j) - upper - lower;
      distance = distance < least ? least : distance;
      float gradient =
          SingleRows.power(distance, scale) * Math.fma(distance, (float) slope, (float) constant);
      logits.set(j, j == id ? (float) (gradient + chosen) : gradient);
    }
  }
}
