package dev.tandem.kernels.operation;

/**
 * How a token is drawn from logits. Filters apply in the order of the fields, each to the
 * distribution {@code softmax(logits / temperature)} restricted to what the earlier ones kept and
 * normalised again. Where logits are equal the lower token id counts as the larger one.
 *
 * @param temperature finite, at least 0; 0 takes the largest logit and no chance is involved
 * @param topK how many of the largest logits are kept; 0 for all
 * @param topP the fewest of the largest whose probabilities reach this sum are kept (nucleus
 *     sampling, arXiv 1904.09751), in (0, 1]; 1 keeps all
 * @param minP tokens less probable than this share of the most probable one are dropped (arXiv
 *     2407.01082), in [0, 1); 0 keeps all
 * @param draw how chance decides
 */
public record SamplingRule(double temperature, int topK, double topP, double minP, Draw draw) {
  /** How chance decides among the tokens that are kept. */
  public enum Draw {
    /**
     * The largest of {@code x_j - log(-log u_j)}, with {@code x = logits / temperature} and {@code
     * u_j = (w + 1/2) / 2^32}, where w is word {@code j % 4} of {@link Philox}'s block {@code j /
     * 4} in stream {@link Philox#GUMBEL_STREAM}. A token less probable than 2^-32 is hardly ever
     * drawn.
     */
    GUMBEL_MAX,
    /**
     * The first kept token, by id, with which the cumulative probability exceeds u, where u has 53
     * bits from words 0 and 1 of {@link Philox}'s block 0 in stream {@link
     * Philox#INVERSE_CDF_STREAM}.
     */
    INVERSE_CDF
  }

  /** The whole distribution at temperature 1. */
  public static final SamplingRule PLAIN = new SamplingRule(1, 0, 1, 0, Draw.INVERSE_CDF);

  /** The most probable token. */
  public static final SamplingRule GREEDY = new SamplingRule(0, 0, 1, 0, Draw.INVERSE_CDF);

  /** Checks the ranges. */
  public SamplingRule {
    Shapes.require(
        temperature >= 0 && Double.isFinite(temperature),
        "temperature must be finite and at least 0, was %s",
        temperature);
    Shapes.require(topK >= 0, "top-k must be at least 0 (0 keeps all), was %s", topK);
    Shapes.require(topP > 0 && topP <= 1, "top-p must be in (0, 1], was %s", topP);
    Shapes.require(minP >= 0 && minP < 1, "min-p must be in [0, 1), was %s", minP);
  }

  /** Whether any token may be dropped before the draw. */
  public boolean filters() {
    return topK > 0 || topP < 1 || minP > 0;
  }
}
