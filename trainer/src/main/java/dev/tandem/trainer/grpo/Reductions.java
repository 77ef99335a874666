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

  /**
   * Mean of the values of each sequence's trained tokens: {@code [sequences]}; 0 where none is
   * trained.
   */
  static double[] sequenceMeans(double[] values, PolicyBatch batch, Grouping bySequence) {
    double[] sums = new double[bySequence.groups()];
    long[] counts = new long[sums.length];
    for (int row = 0; row < batch.rows(); row++) {
      int sequence = bySequence.groupOfMember()[row];
      for (int token = batch.rowStart(row); token < batch.rowEnd(row); token++) {
        if (batch.isTrained(token)) {
          sums[sequence] += values[token];
          counts[sequence]++;
        }
      }
    }
    for (int sequence = 0; sequence < sums.length; sequence++) {
      sums[sequence] = counts[sequence] == 0 ? 0 : sums[sequence] / counts[sequence];
    }
    return sums;
  }

  /**
   * How many trained tokens were clipped at the lower bound. A positive advantage keeps the clipped
   * losses from clipping there; CISPO holds every ratio.
   *
   * @param ratios {@code [tokens]}
   */
  static double clippedLow(PolicyBatch batch, double[] ratios, PolicyLoss loss) {
    double least = 1 - loss.bounds().low();
    long clipped = 0;
    for (int row = 0; row < batch.rows(); row++) {
      double advantage = batch.advantages()[row];
      boolean clips =
          switch (loss) {
            case PolicyLoss.Clipped _, PolicyLoss.Gspo _ -> advantage < 0;
            case PolicyLoss.Cispo _ -> advantage != 0;
          };
      for (int token = batch.rowStart(row); clips && token < batch.rowEnd(row); token++) {
        clipped += batch.isTrained(token) && ratios[token] < least ? 1 : 0;
      }
    }
    return clipped;
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
