package dev.tandem.trainer.model.learn;

/**
 * What scoring a batch costs.
 *
 * @param tokens tokens that the records have
 * @param computed tokens that the projections and the MLP work on, padding included
 */
public record TokenCost(long tokens, long computed) {

  /** The share of the work that is spent on padding, in [0, 1). */
  public double waste() {
    return computed == 0 ? 0 : 1 - (double) tokens / computed;
  }
}
