package dev.tandem.trainer.model.learn;

import dev.tandem.trainer.model.runtime.ScoringChunk;
import java.util.List;

/**
 * What scoring a batch costs.
 *
 * @param tokens tokens that the records have
 * @param computed tokens that the projections and the MLP work on, padding included; one for all
 *     records where these begin alike
 */
public record TokenCost(long tokens, long computed) {

  /** The cost of a batch that is cut like this. */
  public static TokenCost of(List<ScoringChunk> chunks) {
    return new TokenCost(
        chunks.stream().mapToLong(ScoringChunk::inputTokens).sum(),
        chunks.stream().mapToLong(ScoringChunk::computedTokens).sum());
  }

  /** By how much more is computed than there is, in [0, 1); 0 where sharing saves more. */
  public double waste() {
    return computed == 0 ? 0 : Math.max(0, 1 - (double) tokens / computed);
  }
}
