package dev.tandem.trainer.warmstart;

import org.jspecify.annotations.Nullable;

/**
 * Losses on what is held out.
 *
 * @param loss mean of -log p over what the assistant says [nats per token]
 * @param world the same over what users and tools say; none where it is not learned
 */
public record HeldOut(double loss, @Nullable Double world) {
  /** exp(loss). */
  public double perplexity() {
    return Math.exp(loss);
  }
}
