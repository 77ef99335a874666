package dev.tandem.kernels;

/**
 * The policy loss of every token. Tokens outside the mask have 0 in all three arrays.
 *
 * @param ratios {@code [tokens]} importance ratios
 * @param losses {@code [tokens]} losses, to be minimised
 * @param derivatives {@code [tokens]} derivative of a token's loss with respect to its
 *     log-probability
 * @param clippedTokens tokens with an advantage whose ratio was clipped
 */
@SuppressWarnings("ArrayRecordComponent") // results of a kernel, handed over to one owner
public record PolicyLossTerms(
    double[] ratios, double[] losses, double[] derivatives, long clippedTokens) {}
