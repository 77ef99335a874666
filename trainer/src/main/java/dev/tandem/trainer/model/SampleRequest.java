package dev.tandem.trainer.model;

import java.util.List;

/**
 * One response to sample.
 *
 * @param prompt token ids of the context, at least one
 * @param maxNewTokens most tokens to sample, the stop token included
 * @param temperature divides the logits; 0 takes the most likely token
 * @param seed of this request's own random numbers, so that its response does not depend on its
 *     neighbours in a batch
 * @param stopIds tokens that end the response; they are part of it
 * @param choices when not empty, the response is one of these token sequences (each with its stop
 *     token), no one a prefix of another, and {@code stopIds} is not consulted
 */
@SuppressWarnings("ArrayRecordComponent") // bulk token data, never compared
public record SampleRequest(
    int[] prompt,
    int maxNewTokens,
    double temperature,
    long seed,
    int[] stopIds,
    List<int[]> choices) {

  /** Checks the ranges. */
  public SampleRequest {
    choices = List.copyOf(choices);
    if (prompt.length == 0) {
      throw new DecoderInputException("the prompt is empty; start from at least one token");
    }
    if (maxNewTokens < 1) {
      throw new DecoderInputException("maxNewTokens must be at least 1, was " + maxNewTokens);
    }
    if (!(temperature >= 0) || Double.isInfinite(temperature)) {
      throw new DecoderInputException(
          "temperature must be 0 (greedy) or positive and finite, was " + temperature);
    }
    for (int[] choice : choices) {
      if (choice.length == 0 || choice.length > maxNewTokens) {
        throw new DecoderInputException(
            "a choice must have between 1 and maxNewTokens = %d tokens, had %d"
                .formatted(maxNewTokens, choice.length));
      }
    }
  }

  boolean constrained() {
    return !choices.isEmpty();
  }
}
