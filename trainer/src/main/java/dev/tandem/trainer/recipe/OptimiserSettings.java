package dev.tandem.trainer.recipe;

import dev.tandem.trainer.model.learn.AdamWSettings;
import dev.tandem.trainer.model.learn.LearningRateSchedule;

/**
 * How a round's records become weight updates.
 *
 * @param warmUpRounds rounds over which the learning rate rises linearly to its value
 * @param steps optimiser steps over one pass of a round's records
 * @param passes times over a round's records
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param schedule of the learning rate after its warm-up: constant, or a cosine that ends with the
 *     run
 * @param microbatchTokens most tokens, prompts and responses, whose graphs are in memory at once;
 *     bounds the memory of a step, not its result
 * @param recomputeLayers whether layers are computed again in the backward pass, to save memory
 * @param packing whether records are laid out without padding
 */
public record OptimiserSettings(
    double learningRate,
    double weightDecay,
    double beta1,
    double beta2,
    double maxGradNorm,
    int steps,
    int passes,
    int warmUpRounds,
    Schedule schedule,
    int microbatchTokens,
    boolean recomputeLayers,
    boolean packing) {
  public static final OptimiserSettings DEFAULTS =
      new OptimiserSettings(2e-4, 0.0, 0.9, 0.95, 1.0, 4, 1, 0);

  /** How the learning rate goes on after its warm-up. */
  public enum Schedule {
    CONSTANT,
    COSINE
  }

  /** With a constant schedule and the usual trade of memory for time. */
  public OptimiserSettings(
      double learningRate,
      double weightDecay,
      double beta1,
      double beta2,
      double maxGradNorm,
      int steps,
      int passes,
      int warmUpRounds) {
    this(
        learningRate,
        weightDecay,
        beta1,
        beta2,
        maxGradNorm,
        steps,
        passes,
        warmUpRounds,
        Schedule.CONSTANT,
        /* microbatchTokens= */ 8_192,
        /* recomputeLayers= */ false,
        /* packing= */ true);
  }

  public OptimiserSettings {
    Require.within("learning_rate", learningRate, 0, 1);
    Require.within("weight_decay", weightDecay, 0, 1);
    Require.within("beta1", beta1, 0, 0.999999);
    Require.within("beta2", beta2, 0, 0.999999);
    Require.within("max_grad_norm", maxGradNorm, 1e-6, 1e6);
    Require.atLeast("steps", steps, 1);
    Require.atLeast("passes", passes, 1);
    Require.atLeast("warm_up_rounds", warmUpRounds, 0);
    Require.atLeast("microbatch_tokens", microbatchTokens, 1);
  }

  /** Optimiser steps of one round. */
  public int stepsPerRound() {
    return passes * steps;
  }

  /** AdamW's constants. */
  public AdamWSettings adamW(double decay) {
    return new AdamWSettings(beta1, beta2, 1e-8, decay);
  }

  /** The learning rate by optimiser step, counted from 0 over all rounds. */
  public LearningRateSchedule learningRates(int rounds) {
    double warmUp = (double) warmUpRounds * stepsPerRound();
    return switch (schedule) {
      case CONSTANT -> new LearningRateSchedule.Constant(learningRate, warmUp);
      case COSINE ->
          new LearningRateSchedule.Cosine(learningRate, warmUp, (long) rounds * stepsPerRound());
    };
  }
}
