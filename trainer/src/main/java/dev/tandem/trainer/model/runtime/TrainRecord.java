package dev.tandem.trainer.model.runtime;

import dev.tandem.trainer.model.shape.DecoderInputException;

/**
 * One turn to learn from: a response and the context it was given in.
 *
 * @param prompt token ids before the response, at least one
 * @param response token ids whose log-probabilities are wanted, at least one
 * @param allowed for each response token the ids it was chosen from; empty when every token was
 *     free to be any of the vocabulary
 */
@SuppressWarnings("ArrayRecordComponent") // bulk token data, never compared
public record TrainRecord(int[] prompt, int[] response, int[][] allowed) {

  /** Checks the lengths, and that every chosen token was allowed. */
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
