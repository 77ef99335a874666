package dev.tandem.trainer.model.learn;

import org.jspecify.annotations.Nullable;

/**
 * A loss that is a sum over tokens, of which each term depends on its own token alone. Its gradient
 * can be had a few tokens at a time, while their logits are in memory.
 */
@FunctionalInterface
public interface TokenLoss {
  /**
   * The derivatives for some of a batch's tokens. Called from several threads at once.
   *
   * @param tokens [n] their numbers among all wanted tokens, in the order of the records
   * @param logProbs [n] under the present weights
   * @param entropies [n] in nats
   */
  Derivatives at(int[] tokens, double[] logProbs, double[] entropies);

  /**
   * The loss's derivatives for some tokens.
   *
   * @param byLogProb [n]
   * @param byEntropy [n]; null where it has none
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over to one owner
  record Derivatives(double[] byLogProb, double @Nullable [] byEntropy) {}
}
