package dev.tandem.benchmarks.decoder;

import dev.tandem.kernels.Kernels;
import dev.tandem.trainer.grpo.BatchTokens;
import dev.tandem.trainer.grpo.GlobalCounts;
import dev.tandem.trainer.grpo.GrpoSettings;
import dev.tandem.trainer.grpo.PolicyBatch;
import dev.tandem.trainer.grpo.PolicyLossResult;
import dev.tandem.trainer.model.learn.TokenLoss;

/** The loss of GRPO's defaults, as the trainer differentiates it. */
final class PolicyGradient {
  private static final Kernels KERNELS = Kernels.scalar();

  private PolicyGradient() {}

  /**
   * @param batch whose present log-probabilities do not matter
   * @param counts of the whole step
   */
  static TokenLoss of(PolicyBatch batch, GlobalCounts counts) {
    BatchTokens tokens = new BatchTokens(batch);
    return (some, logProbs, entropies) -> {
      PolicyLossResult result =
          GrpoSettings.DEFAULTS
              .objective()
              .evaluate(tokens.some(some, logProbs, entropies), counts, KERNELS);
      return new TokenLoss.Derivatives(result.gradient(), result.entropyGradient());
    };
  }
}
