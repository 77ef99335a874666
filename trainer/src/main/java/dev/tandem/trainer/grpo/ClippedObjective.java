package dev.tandem.trainer.grpo;

import dev.tandem.kernels.Kernels;
import dev.tandem.kernels.operation.ClippedPolicyLoss;
import dev.tandem.kernels.operation.PolicySum;
import dev.tandem.kernels.operation.PolicyTerms;
import dev.tandem.kernels.operation.PolicyTokens;
import dev.tandem.kernels.operation.Values;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The clipped loss of {@link PolicyObjective}, with weights, KL and metrics, as one kernel. */
final class ClippedObjective {
  private ClippedObjective() {}

  /**
   * Evaluates a batch.
   *
   * @param weights {@code [tokens]} what each token's loss is multiplied by, 0 outside the mask
   * @param penalty the pull; with the estimator off, KL is only measured, by k3
   */
  static PolicyLossResult evaluate(
      PolicyBatch batch,
      PolicyLoss.Clipped loss,
      double[] weights,
      ReferencePull penalty,
      GlobalCounts counts,
      Kernels kernels) {
    double[] gradient = new double[batch.tokens()];
    double[] ratios = new double[batch.tokens()];
    double[] sums = new double[PolicySum.COUNT];
    kernels.run(
        new ClippedPolicyLoss(
            Values.of(batch.logProbs()),
            new PolicyTokens(
                Values.of(batch.behaviourLogProbs()),
                values(batch.referenceLogProbs()),
                Values.of(advantages(batch)),
                mask(batch.mask()),
                Values.of(weights),
                values(batch.importanceWeights())),
            loss.bounds(),
            penalty.toKernels(),
            new PolicyTerms(Values.of(ratios), null, null, Values.of(gradient), Values.of(sums))));
    double tokens = Math.max(1, counts.tokens());
    return new PolicyLossResult(
        sums[PolicySum.LOSS.index()],
        gradient,
        new PolicyMetrics(
            sums[PolicySum.POLICY_LOSS.index()],
            sums[PolicySum.RATIO.index()] / tokens,
            sums[PolicySum.CLIPPED_TOKENS.index()] / tokens,
            sums[PolicySum.BEHAVIOUR_KL.index()] / tokens,
            sums[PolicySum.REFERENCE_KL.index()] / tokens,
            Reductions.clippedLow(batch, ratios, loss) / tokens));
  }

  private static double[] advantages(PolicyBatch batch) {
    double[] advantages = new double[batch.tokens()];
    for (int row = 0; row < batch.rows(); row++) {
      Arrays.fill(advantages, batch.rowStart(row), batch.rowEnd(row), batch.advantages()[row]);
    }
    return advantages;
  }

  private static @Nullable Values values(double @Nullable [] values) {
    return values == null ? null : Values.of(values);
  }

  private static @Nullable Values mask(boolean @Nullable [] mask) {
    return mask == null ? null : Values.mask(mask);
  }
}
