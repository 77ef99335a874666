package dev.tandem.trainer.grpo;

import dev.tandem.kernels.Kernels;
import dev.tandem.kernels.operation.ClipBounds;
import dev.tandem.kernels.operation.ClippedPolicyLoss;
import dev.tandem.kernels.operation.KlPenalty;
import dev.tandem.kernels.operation.PolicySum;
import dev.tandem.kernels.operation.PolicyTerms;
import dev.tandem.kernels.operation.PolicyTokens;
import dev.tandem.kernels.operation.Values;

/** The losses of single tokens, before aggregation, of the objectives that are not one kernel. */
final class TokenTerms {
  private static final double MAX_LOG_RATIO = 20;

  private TokenTerms() {}

  /**
   * GSPO is the clipped loss of one long token a row, whose log-ratio is the mean of the row's.
   * Each token moves that mean by one over the row's length, and a row's tokens share one weight,
   * so the derivative of the row's loss falls on them in equal parts: as if each token had the
   * row's loss and the row's derivative.
   */
  static PolicyLossTerms gspo(PolicyBatch batch, ClipBounds bounds, Kernels kernels) {
    boolean[] trained = batch.trained();
    double[] logRatios = new double[batch.tokens()];
    for (int token = 0; token < logRatios.length; token++) {
      logRatios[token] = batch.logProbs()[token] - batch.behaviourLogProbs()[token];
    }
    double[] rowLogRatios = new double[batch.rows()];
    boolean[] rowTrained = new boolean[batch.rows()];
    for (int row = 0; row < batch.rows(); row++) {
      rowLogRatios[row] =
          Reductions.maskedMean(logRatios, trained, batch.rowStart(row), batch.rowEnd(row));
      rowTrained[row] = batch.trainedTokens(row) > 0;
    }
    PolicyLossTerms ofRows = clipped(rowLogRatios, batch.advantages(), rowTrained, bounds, kernels);
    double[] ratios = new double[batch.tokens()];
    double[] losses = new double[batch.tokens()];
    double[] derivatives = new double[batch.tokens()];
    long clipped = 0;
    for (int row = 0; row < batch.rows(); row++) {
      boolean still = ofRows.derivatives()[row] == 0 && batch.advantages()[row] != 0;
      for (int token = batch.rowStart(row); token < batch.rowEnd(row); token++) {
        if (trained[token]) {
          ratios[token] = ofRows.ratios()[row];
          losses[token] = ofRows.losses()[row];
          derivatives[token] = ofRows.derivatives()[row];
          clipped += still ? 1 : 0;
        }
      }
    }
    return new PolicyLossTerms(ratios, losses, derivatives, clipped);
  }

  /** The clipped loss of rows as if they were tokens, their log-ratios given. */
  private static PolicyLossTerms clipped(
      double[] logRatios,
      double[] advantages,
      boolean[] trained,
      ClipBounds bounds,
      Kernels kernels) {
    double[] ratios = new double[logRatios.length];
    double[] losses = new double[logRatios.length];
    double[] derivatives = new double[logRatios.length];
    double[] sums = new double[PolicySum.COUNT];
    kernels.run(
        new ClippedPolicyLoss(
            Values.of(logRatios),
            new PolicyTokens(
                Values.of(new double[logRatios.length]),
                null,
                Values.of(advantages),
                Values.mask(trained),
                null,
                null),
            bounds,
            KlPenalty.MEASURED,
            new PolicyTerms(
                Values.of(ratios),
                Values.of(losses),
                null,
                Values.of(derivatives),
                Values.of(sums))));
    return new PolicyLossTerms(
        ratios, losses, derivatives, (long) sums[PolicySum.CLIPPED_TOKENS.index()]);
  }

  /** Every token's log-probability times its clipped ratio, which is held constant. */
  static PolicyLossTerms cispo(PolicyBatch batch, ClipBounds bounds) {
    double[] ratios = new double[batch.tokens()];
    double[] losses = new double[batch.tokens()];
    double[] derivatives = new double[batch.tokens()];
    long clipped = 0;
    for (int row = 0; row < batch.rows(); row++) {
      double advantage = batch.advantages()[row];
      for (int token = batch.rowStart(row); token < batch.rowEnd(row); token++) {
        if (!batch.isTrained(token)) {
          continue;
        }
        double logProb = batch.logProbs()[token];
        double logRatio = logProb - batch.behaviourLogProbs()[token];
        double ratio = Math.exp(Math.clamp(logRatio, -MAX_LOG_RATIO, MAX_LOG_RATIO));
        double held = Math.clamp(ratio, 1 - bounds.low(), 1 + bounds.high());
        ratios[token] = ratio;
        losses[token] = -advantage * held * logProb;
        derivatives[token] = -advantage * held;
        clipped += held != ratio && advantage != 0 ? 1 : 0;
      }
    }
    return new PolicyLossTerms(ratios, losses, derivatives, clipped);
  }
}
