package dev.tandem.trainer.model.learn;

/**
 * What a decoder thinks of a batch's response tokens, in the order of the records.
 *
 * @param logProbs {@code [tokens]}
 * @param entropies {@code [tokens]} in nats of the distributions that they were drawn from
 */
@SuppressWarnings("ArrayRecordComponent") // bulk data, never compared
public record TokenScores(double[] logProbs, double[] entropies) {}
