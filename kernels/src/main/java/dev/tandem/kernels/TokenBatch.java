package dev.tandem.kernels;

/**
 * Response tokens of any number of sequences laid end to end. The arrays are read in place and
 * never copied, so nobody may write to them while a kernel runs; records of arrays compare by
 * identity of the arrays.
 *
 * @param logProbs {@code [tokens]} log-probabilities under the policy being trained
 * @param behaviourLogProbs {@code [tokens]} log-probabilities under the policy that sampled
 * @param advantages {@code [tokens]} the advantage of each token's sequence
 * @param mask {@code [tokens]} true where the token is trained on; the other tokens contribute
 *     nothing, whatever their numbers are
 */
@SuppressWarnings(
    "ArrayRecordComponent") // a view for kernels; copies would double the memory traffic
public record TokenBatch(
    double[] logProbs, double[] behaviourLogProbs, double[] advantages, boolean[] mask) {
  /** Checks that all arrays have one length. */
  public TokenBatch {
    Lengths.requireEqual("behaviourLogProbs", behaviourLogProbs.length, logProbs.length);
    Lengths.requireEqual("advantages", advantages.length, logProbs.length);
    Lengths.requireEqual("mask", mask.length, logProbs.length);
  }

  /** The number of tokens, masked ones included. */
  public int size() {
    return logProbs.length;
  }
}
