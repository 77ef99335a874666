package dev.tandem.trainer.model.sampling;

import dev.tandem.trainer.model.runtime.TrainRecord;

/**
 * A sampled response.
 *
 * @param tokens the response's ids, the stop token included when one was reached
 * @param logProbs for each token its log-probability under the model: at temperature 1 and without
 *     filters, renormalised over the allowed ids when choices were given. A scoring pass reproduces
 *     it; it is the probability of the draw itself only where {@link SamplingRule} is the default,
 *     which is what training samples with
 * @param allowed for each token the ids it was chosen from; empty when no choices were given
 * @param end why the response ended
 */
@SuppressWarnings("ArrayRecordComponent") // bulk token data, never compared
public record Sample(int[] tokens, float[] logProbs, int[][] allowed, End end) {

  /** Why a response ended. */
  public enum End {
    /** With a stop token. */
    STOP_ID,
    /** With a stop string. */
    STOP_STRING,
    /** It is one of the choices. */
    CHOICE,
    /** It has as many tokens as it may. */
    LENGTH
  }

  /** The record on which training scores exactly the distribution that was sampled. */
  public TrainRecord asTrainRecord(int[] prompt) {
    return new TrainRecord(prompt, tokens, allowed);
  }
}
