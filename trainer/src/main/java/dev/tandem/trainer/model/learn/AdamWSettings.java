package dev.tandem.trainer.model.learn;

import dev.tandem.trainer.model.shape.WeightLayout;

/**
 * AdamW's constants (Loshchilov and Hutter 2019).
 *
 * @param beta1 decay of the mean of gradients
 * @param beta2 decay of the mean of squared gradients
 * @param epsilon added to the root of the latter
 * @param weightDecay decoupled decay, applied to matrices only
 */
public record AdamWSettings(double beta1, double beta2, double epsilon, double weightDecay)
    implements UpdateRule {

  /** Checks the ranges. */
  public AdamWSettings {
    requireShare("beta1", beta1);
    requireShare("beta2", beta2);
    if (!(epsilon > 0)) {
      throw new IllegalArgumentException("epsilon must be positive, was " + epsilon);
    }
    if (!(weightDecay >= 0)) {
      throw new IllegalArgumentException("weightDecay must not be negative, was " + weightDecay);
    }
  }

  /** Returns the setting usual for language models. */
  public static AdamWSettings defaults() {
    return new AdamWSettings(0.9, 0.95, 1e-8, 0.01);
  }

  @Override
  public AdamWSettings adamW() {
    return this;
  }

  @Override
  public boolean orthogonalises(WeightLayout.Slot slot) {
    return false;
  }

  @Override
  public double momentum() {
    return beta1;
  }

  static void requireShare(String name, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(name + " must be in [0, 1), was " + value);
    }
  }
}
