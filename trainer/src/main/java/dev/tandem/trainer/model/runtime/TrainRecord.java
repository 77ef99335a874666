package dev.tandem.trainer.model.runtime;

import dev.tandem.trainer.model.shape.DecoderInputException;
import java.util.Arrays;

/**
 * One turn to learn from: a response and the context it was given in. Or several turns: then what
 * lies between them is part of the response, and its tokens count nothing.
 *
 * @param prompt token ids before the response, at least one
 * @param response token ids whose log-probabilities are wanted, at least one
 * @param allowed for each response token the ids it was chosen from; empty when every token was
 *     free to be any of the vocabulary
 * @param weights for each response token what its -log p counts in a supervised loss; the
 *     log-probabilities of those that count 0 are not computed. Empty when each counts 1
 */
@SuppressWarnings("ArrayRecordComponent") // bulk token data, never compared
public record TrainRecord(int[] prompt, int[] response, int[][] allowed, double[] weights) {

  private static final double[] ALL_ALIKE = {};

  /** A record whose response tokens all count 1. */
  public TrainRecord(int[] prompt, int[] response, int[][] allowed) {
    this(prompt, response, allowed, ALL_ALIKE);
  }

  /** Checks the lengths and weights, and that every chosen token was allowed. */
  public TrainRecord {
    if (prompt.length == 0) {
      throw new DecoderInputException(
          "the prompt is empty; a record needs at least one token of context");
    }
    if (response.length == 0) {
      throw new DecoderInputException(
          "the response is empty; drop records without response tokens");
    }
    if (allowed.length != 0 && allowed.length != response.length) {
      throw new DecoderInputException(
          "allowed has %d entries for %d response tokens; give one per token, or none"
              .formatted(allowed.length, response.length));
    }
    if (weights.length != 0 && weights.length != response.length) {
      throw new DecoderInputException(
          "weights has %d entries for %d response tokens; give one per token, or none"
              .formatted(weights.length, response.length));
    }
    if (weights.length != 0 && Arrays.stream(weights).noneMatch(weight -> weight > 0)) {
      throw new DecoderInputException(
          "no response token has a weight above 0; drop records that teach nothing");
    }
    if (Arrays.stream(weights).anyMatch(weight -> !(weight >= 0 && Double.isFinite(weight)))) {
      throw new DecoderInputException("weights must be finite and not negative");
    }
    for (int i = 0; i < allowed.length; i++) {
      if (!contains(allowed[i], response[i])) {
        throw new DecoderInputException(
            "response token %d (id %d) is not among its %d allowed ids"
                .formatted(i, response[i], allowed[i].length));
      }
    }
  }

  /** A record whose response was sampled without constraint. */
  public static TrainRecord unconstrained(int[] prompt, int[] response) {
    return new TrainRecord(prompt, response, new int[0][]);
  }

  /**
   * A record of which some tokens are learned and the others are context.
   *
   * @param ids the whole text, [tokens]
   * @param weights what each token's -log p counts, [tokens]; the first has none before it and is
   *     not predicted, and what follows the last that counts is left out
   */
  public static TrainRecord weighted(int[] ids, double[] weights) {
    int end = ids.length;
    while (end > 1 && weights[end - 1] == 0) {
      end--;
    }
    return new TrainRecord(
        Arrays.copyOf(ids, 1),
        Arrays.copyOfRange(ids, 1, end),
        new int[0][],
        Arrays.copyOfRange(weights, 1, end));
  }

  /** What is read of it: the last response token is only predicted. */
  public int[] input() {
    int[] ids = Arrays.copyOf(prompt, inputLength());
    System.arraycopy(response, 0, ids, prompt.length, response.length - 1);
    return ids;
  }

  int inputLength() {
    return prompt.length + response.length - 1;
  }

  /** Number of response tokens whose log-probabilities are wanted. */
  public int wanted() {
    return weights.length == 0
        ? response.length
        : (int) Arrays.stream(weights).filter(weight -> weight > 0).count();
  }

  /** Whether a response token's log-probability is wanted. */
  public boolean isWanted(int i) {
    return weights.length == 0 || weights[i] > 0;
  }

  /** What each wanted token's -log p counts, [wanted]. */
  public double[] wantedWeights() {
    if (weights.length == 0) {
      double[] ones = new double[response.length];
      Arrays.fill(ones, 1);
      return ones;
    }
    return Arrays.stream(weights).filter(weight -> weight > 0).toArray();
  }

  boolean constrained() {
    return allowed.length > 0;
  }

  private static boolean contains(int[] ids, int id) {
    for (int candidate : ids) {
      if (candidate == id) {
        return true;
      }
    }
    return false;
  }
}
