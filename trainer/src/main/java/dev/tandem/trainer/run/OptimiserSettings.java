package dev.tandem.trainer.run;

/**
 * How a round's records become weight updates.
 *
 * @param warmUpRounds rounds over which the learning rate rises linearly to its value
 * @param steps optimiser steps over one pass of a round's records
 * @param passes times over a round's records
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 */
public record OptimiserSettings(
    double learningRate,
    double weightDecay,
    double beta1,
    double beta2,
    double maxGradNorm,
    int steps,
    int passes,
    int warmUpRounds) {
  public static final OptimiserSettings DEFAULTS =
      new OptimiserSettings(2e-4, 0.0, 0.9, 0.95, 1.0, 4, 1, 0);

  public OptimiserSettings {
    Require.within("learning_rate", learningRate, 0, 1);
    Require.within("weight_decay", weightDecay, 0, 1);
    Require.within("beta1", beta1, 0, 0.999999);
    Require.within("beta2", beta2, 0, 0.999999);
    Require.within("max_grad_norm", maxGradNorm, 1e-6, 1e6);
    Require.atLeast("steps", steps, 1);
    Require.atLeast("passes", passes, 1);
    Require.atLeast("warm_up_rounds", warmUpRounds, 0);
  }
}
