package dev.tandem.trainer.model.sampling;

import dev.tandem.trainer.model.shape.DecoderInputException;

/**
 * How a next token is drawn from the model's distribution. Filters act one after the other, as in
 * Hugging Face's transformers: temperature, top-k, top-p on what top-k left, min-p. Tokens exactly
 * as likely as the last one kept are kept too.
 *
 * @param temperature divides the logits; 0 takes the most likely token, whatever the filters
 * @param topK how many of the likeliest tokens stay; 0 for all
 * @param topP the likeliest tokens stay until their mass reaches this, in (0, 1]
 * @param minP tokens at least this fraction as likely as the likeliest stay, in [0, 1]
 */
public record SamplingRule(double temperature, int topK, double topP, double minP) {

  /** The model's own distribution. */
  public static final SamplingRule DEFAULT = new SamplingRule(1, 0, 1, 0);

  /** The most likely token. */
  public static final SamplingRule GREEDY = new SamplingRule(0, 0, 1, 0);

  /** Checks the ranges. */
  public SamplingRule {
    require(
        temperature >= 0 && temperature <= Float.MAX_VALUE,
        "temperature must be 0 (greedy) or positive and finite, was ",
        temperature);
    require(topK >= 0, "top-k must be 0 (all tokens) or positive, was ", topK);
    require(topP > 0 && topP <= 1, "top-p must be above 0 and at most 1, was ", topP);
    require(minP >= 0 && minP <= 1, "min-p must be between 0 and 1, was ", minP);
  }

  /** The model's distribution at a temperature, unfiltered. */
  public static SamplingRule atTemperature(double temperature) {
    return new SamplingRule(temperature, 0, 1, 0);
  }

  boolean greedy() {
    return temperature == 0;
  }

  /** Whether any token may be left out. */
  boolean filters() {
    return !greedy() && (topK > 0 || topP < 1 || minP > 0);
  }

  /** How many of the likeliest tokens must be sorted to apply the filters. */
  int candidates(int vocabularySize) {
    if (greedy()) {
      return 0;
    }
    if (topK > 0) {
      return Math.min(topK, vocabularySize);
    }
    return topP < 1 ? vocabularySize : 0;
  }

  private static void require(boolean holds, String range, Number value) {
    if (!holds) {
      throw new DecoderInputException(range + value);
    }
  }
}
