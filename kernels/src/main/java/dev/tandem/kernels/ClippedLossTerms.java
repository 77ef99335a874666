package dev.tandem.kernels;

/**
 * The clipped policy loss of every token. Tokens outside the mask have 0 in all three arrays.
 *
 * @param ratios {@code [tokens]} importance ratios, {@code exp(clamp(logProb - behaviourLogProb,
 *     -20, 20))}
 * @param losses {@code [tokens]} losses, to be minimised
 * @param derivatives {@code [tokens]} derivative of a token's loss with respect to its
 *     log-probability
 * @param clippedTokens tokens with an advantage whose ratio is out of bounds, so that they pull no
 *     gradient
 */
@SuppressWarnings("ArrayRecordComponent") // results of a kernel, handed over to one owner
public record ClippedLossTerms(
    double[] ratios, double[] losses, double[] derivatives, long clippedTokens) {}
