package dev.tandem.trainer.grpo;

import org.jspecify.annotations.Nullable;

/**
 * A loss and where it pulls.
 *
 * @param loss to be minimised, KL penalty and entropy bonus included
 * @param gradient {@code [tokens]} derivative of the loss with respect to each log-probability;
 *     exactly 0 outside the mask
 * @param entropyGradient {@code [tokens]} the same with respect to each entropy; null without a
 *     bonus
 * @param metrics means over the batch
 */
@SuppressWarnings("ArrayRecordComponent") // handed over to one owner
public record PolicyLossResult(
    double loss, double[] gradient, double @Nullable [] entropyGradient, PolicyMetrics metrics) {
  /** Without an entropy bonus. */
  PolicyLossResult(double loss, double[] gradient, PolicyMetrics metrics) {
    this(loss, gradient, null, metrics);
  }
}
