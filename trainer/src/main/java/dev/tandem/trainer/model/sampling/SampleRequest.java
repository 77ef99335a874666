package dev.tandem.trainer.model.sampling;

import dev.tandem.trainer.model.shape.DecoderInputException;
import java.util.List;

/**
 * One response to sample.
 *
 * @param prompt token ids of the context, at least one
 * @param maxNewTokens most tokens to sample, the stop token included
 * @param sampling how a token is drawn
 * @param seed of this request's own random numbers, one per token, so that its response does not
 *     depend on its neighbours in a batch
 * @param stop what ends the response early; not consulted when there are choices
 * @param choices when not empty, the response is one of these token sequences (each with its stop
 *     token), no one a prefix of another
 */
@SuppressWarnings("ArrayRecordComponent") // bulk token data, never compared
public record SampleRequest(
    int[] prompt,
    int maxNewTokens,
    SamplingRule sampling,
    long seed,
    StopRule stop,
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
    for (int[] choice : choices) {
      if (choice.length == 0 || choice.length > maxNewTokens) {
        throw new DecoderInputException(
            "a choice must have between 1 and maxNewTokens = %d tokens, had %d"
                .formatted(maxNewTokens, choice.length));
      }
    }
  }

  /** Without filters and stop strings. */
  public SampleRequest(
      int[] prompt,
      int maxNewTokens,
      double temperature,
      long seed,
      int[] stopIds,
      List<int[]> choices) {
    this(
        prompt,
        maxNewTokens,
        SamplingRule.atTemperature(temperature),
        seed,
        StopRule.at(stopIds),
        choices);
  }

  boolean constrained() {
    return !choices.isEmpty();
  }

  /** Most positions that the sequence takes. */
  int positions() {
    return prompt.length + maxNewTokens;
  }
}
