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
   * GSPO is the clipped loss of one long token a sequence, whose log-ratio is the mean of the
   * sequence's. Each token moves that mean by one over the sequence's length, and a sequence's
   * tokens share one weight, so the derivative of the sequence's loss falls on them in equal parts:
   * as if each token had the sequence's loss and the sequence's derivative.
   */
  static PolicyLossTerms gspo(PolicyBatch batch, ClipBounds bounds, Kernels kernels) {
    boolean[] trained = batch.trained();
    Grouping bySequence = batch.rowsBySequence();
    requireWhole(batch, bySequence);
    double[] logRatios = new double[batch.tokens()];
    for (int token = 0; token < logRatios.length; token++) {
      logRatios[token] = batch.logProbs()[token] - batch.behaviourLogProbs()[token];
    }
    double[] advantages = new double[bySequence.groups()];
    boolean[] sequenceTrained = new boolean[advantages.length];
    for (int row = 0; row < batch.rows(); row++) {
      int sequence = bySequence.groupOfMember()[row];
      advantages[sequence] = batch.advantages()[row];
      sequenceTrained[sequence] |= batch.trainedTokens(row) > 0;
    }
    PolicyLossTerms ofSequences =
        clipped(
            Reductions.sequenceMeans(logRatios, batch, bySequence),
            advantages,
            sequenceTrained,
            bounds,
            kernels);
    double[] ratios = new double[batch.tokens()];
    double[] losses = new double[batch.tokens()];
    double[] derivatives = new double[batch.tokens()];
    long clipped = 0;
    for (int row = 0; row < batch.rows(); row++) {
      int sequence = bySequence.groupOfMember()[row];
      boolean still = ofSequences.derivatives()[sequence] == 0 && advantages[sequence] != 0;
      for (int token = batch.rowStart(row); token < batch.rowEnd(row); token++) {
        if (trained[token]) {
          ratios[token] = ofSequences.ratios()[sequence];
          losses[token] = ofSequences.losses()[sequence];
          derivatives[token] = ofSequences.derivatives()[sequence];
          clipped += still ? 1 : 0;
        }
      }
    }
    return new PolicyLossTerms(ratios, losses, derivatives, clipped);
  }

  private static void requireWhole(PolicyBatch batch, Grouping bySequence) {
    long[] tokens = new long[bySequence.groups()];
    for (int row = 0; row < batch.rows(); row++) {
      tokens[bySequence.groupOfMember()[row]] += batch.trainedTokens(row);
    }
    for (int row = 0; row < batch.rows(); row++) {
      long held = tokens[bySequence.groupOfMember()[row]];
      if (held != batch.sequenceTokens(row)) {
        throw new IllegalArgumentException(
            "GSPO's ratio needs whole sequences: the batch has %d of the %d tokens of row %d's"
                .formatted(held, batch.sequenceTokens(row), row));
      }
    }
  }

  /** The clipped loss of sequences as if they were tokens, their log-ratios given. */
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
