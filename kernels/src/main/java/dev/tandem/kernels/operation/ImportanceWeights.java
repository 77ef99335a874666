package dev.tandem.kernels.operation;

/**
 * Weights against the gap between the sampler and the trainer, which may disagree about the
 * log-probability of one token under one set of weights: {@code r = exp(clamp(trainer - sampler,
 * -20, 20))}, bounded by a cap (truncated importance sampling, Ionides 2008).
 *
 * @param trainerLogProbs {@code [tokens]} as the trainer computes them
 * @param samplerLogProbs {@code [tokens]} as the sampler reported them
 * @param bound what happens to a ratio above the cap; NaN stays NaN
 * @param cap finite, at least 1
 * @param weights {@code [tokens]}, written; may be either input itself
 */
public record ImportanceWeights(
    Values trainerLogProbs, Values samplerLogProbs, Bound bound, double cap, Values weights)
    implements Operation {
  /** What happens to a ratio above the cap. */
  public enum Bound {
    /** It counts as the cap. */
    TRUNCATED,
    /** It counts as 0, so that the token is dropped. */
    MASKED
  }

  /** Checks shapes and types. */
  public ImportanceWeights {
    ArrayElement type = trainerLogProbs.type();
    Place place = trainerLogProbs.place();
    long tokens = trainerLogProbs.size();
    Shapes.precise("trainerLogProbs", type);
    Shapes.input("samplerLogProbs", samplerLogProbs, type, tokens, place);
    Shapes.output("weights", weights, type, tokens, place);
    Shapes.require(
        cap >= 1 && Double.isFinite(cap),
        "importance cap must be finite and at least 1, was %s",
        cap);
    Shapes.sameOrApart("weights", weights, "trainerLogProbs", trainerLogProbs);
    Shapes.sameOrApart("weights", weights, "samplerLogProbs", samplerLogProbs);
  }

  @Override
  public Place place() {
    return trainerLogProbs.place();
  }
}
