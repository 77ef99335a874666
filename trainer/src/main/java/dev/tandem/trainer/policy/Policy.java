package dev.tandem.trainer.policy;

import dev.tandem.rollout.ModelProvider;
import dev.tandem.trainer.model.Decoder;

/**
 * A decoder and the way it is spoken to.
 *
 * @param maxNewTokens most tokens of a response
 */
public record Policy(Decoder decoder, ChatFormat format, int maxNewTokens) {
  /** The model as agents know it, sampling from its own distribution, under a name for the trajectories. */
  public ModelProvider provider(String checkpoint) {
    return provider(checkpoint, 1);
  }

  /** The same at another temperature; 0 takes the likeliest token. */
  public ModelProvider provider(String checkpoint, double temperature) {
    return new DecoderProvider(
        decoder, format, new DecoderProvider.Sampling(temperature, maxNewTokens), checkpoint);
  }
}
