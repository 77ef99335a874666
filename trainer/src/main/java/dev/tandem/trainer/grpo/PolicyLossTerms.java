package dev.tandem.trainer.grpo;

/**
 * The policy loss of every token, before weights. Tokens outside the mask have 0 in all three
 * arrays.
 *
 * @param ratios {@code [tokens]} importance ratios
 * @param losses {@code [tokens]} losses, to be minimised
 * @param derivatives {@code [tokens]} derivative of a token's loss with respect to its
 *     log-probability
 * @param clippedTokens tokens with an advantage whose ratio was clipped
 */
@SuppressWarnings("ArrayRecordComponent") // lives within one call
record PolicyLossTerms(
    double[] ratios, double[] losses, double[] derivatives, long clippedTokens) {}
