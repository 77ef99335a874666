package dev.tandem.trainer.model.learn;

/**
 * What a model says of tokens.
 *
 * @param logProbs [tokens] in nats
 * @param entropies [tokens] of the distributions that they were drawn from, in nats
 */
@SuppressWarnings("ArrayRecordComponent") // handed over to one owner
public record TokenScores(double[] logProbs, double[] entropies) {}
