package dev.tandem.trainer.model.learn;

/**
 * What one supervised step did.
 *
 * @param loss mean of -log p over the response tokens, before the step, in nats
 * @param gradientNorm global norm before clipping
 */
public record TrainStep(double loss, double gradientNorm) {}
