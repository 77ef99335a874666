package dev.tandem.kernels.operation;

import org.jspecify.annotations.Nullable;

/**
 * Response tokens of any number of sequences laid end to end: what a policy loss is computed from.
 * All floating-point arrays have the type of {@code behaviourLogProbs}.
 *
 * @param behaviourLogProbs {@code [tokens]} log-probabilities under the policy that sampled
 * @param referenceLogProbs {@code [tokens]} under the reference policy; null when no KL is
 *     estimated
 * @param advantages {@code [tokens]} the advantage of each token's sequence
 * @param mask {@code [tokens]} BOOL, true where the token is trained on; null for all of them
 * @param weights {@code [tokens]} what a token's loss counts for, such as one over the number of
 *     tokens; null for 1
 * @param importanceWeights {@code [tokens]} factors on the policy loss, not on the KL; null for 1
 */
public record PolicyTokens(
    Values behaviourLogProbs,
    @Nullable Values referenceLogProbs,
    Values advantages,
    @Nullable Values mask,
    @Nullable Values weights,
    @Nullable Values importanceWeights) {
  /** Checks shapes and types. */
  public PolicyTokens {
    ArrayElement type = behaviourLogProbs.type();
    Place place = behaviourLogProbs.place();
    long tokens = behaviourLogProbs.size();
    Shapes.precise("behaviourLogProbs", type);
    Shapes.input("referenceLogProbs", referenceLogProbs, type, tokens, place);
    Shapes.input("advantages", advantages, type, tokens, place);
    Shapes.input("mask", mask, ArrayElement.BOOL, tokens, place);
    Shapes.input("weights", weights, type, tokens, place);
    Shapes.input("importanceWeights", importanceWeights, type, tokens, place);
  }

  /** The number of tokens, masked ones included. */
  public long size() {
    return behaviourLogProbs.size();
  }
}
