package dev.tandem.trainer.grpo;

/**
 * A loss and where it pulls.
 *
 * @param loss to be minimised, KL penalty included
 * @param gradient {@code [tokens]} derivative of the loss with respect to each log-probability;
 *     exactly 0 outside the mask
 * @param metrics means over the batch
 */
@SuppressWarnings("ArrayRecordComponent") // handed over to one owner
public record PolicyLossResult(double loss, double[] gradient, PolicyMetrics metrics) {}
