package dev.tandem.trainer.grpo;

/** Sums over tokens. */
final class Reductions {
  private Reductions() {}

  /** Sum of the values whose mask is set. */
  static double maskedSum(double[] values, boolean[] mask) {
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      sum += mask[i] ? values[i] : 0;
    }
    return sum;
  }

  /** Mean of the values in {@code [from, to)} whose mask is set; 0 when none is. */
  static double maskedMean(double[] values, boolean[] mask, int from, int to) {
    double sum = 0;
    int count = 0;
    for (int i = from; i < to; i++) {
      sum += mask[i] ? values[i] : 0;
      count += mask[i] ? 1 : 0;
    }
    return count == 0 ? 0 : sum / count;
  }

  /** Sum of {@code values * weights}; a value of weight 0 is skipped, even if it is NaN. */
  static double weightedSum(double[] values, double[] weights) {
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      sum += weights[i] != 0 ? weights[i] * values[i] : 0;
    }
    return sum;
  }
}
