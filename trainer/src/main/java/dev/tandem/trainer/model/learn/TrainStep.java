package dev.tandem.trainer.model.learn;

/**
 * What one supervised step did.
 *
 * @param loss weighted sum of -log p over the response tokens by its divisor, before the step, in
 *     nats; the mean where all count alike
 * @param gradientNorm global norm before clipping
 */
public record TrainStep(double loss, double gradientNorm) {}
