package dev.tandem.trainer.model;

/**
 * A sampled response.
 *
 * @param tokens the response's ids, the stop token included when one was reached
 * @param logProbs for each token its log-probability at temperature 1, renormalised over the
 *     allowed ids when choices were given
 * @param allowed for each token the ids it was chosen from; empty when no choices were given
 */
@SuppressWarnings("ArrayRecordComponent") // bulk token data, never compared
public record Sample(int[] tokens, float[] logProbs, int[][] allowed) {

  /** The record on which training scores exactly the distribution that was sampled. */
  public TrainRecord asTrainRecord(int[] prompt) {
    return new TrainRecord(prompt, tokens, allowed);
  }
}
