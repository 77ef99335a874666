package dev.tandem.trainer.grpo;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What a response earns that a processor turned down, so that the model was asked again.
 *
 * <p>It led to no action, but it was sampled. Where the model is asked until an answer is taken, an
 * action's chance is its own over that of all that are taken, and the turned-down responses are
 * what the gradient of that denominator is estimated from (as that of everything sampled, Williams
 * 1992). To leave them out is not neutral: nothing then says what a slip costs.
 */
public enum DiscardedTurns {
  /** The episode's advantage where that is negative: a slip is never reinforced. */
  @JsonProperty("blamed")
  BLAMED,
  /** The episode's advantage: the unbiased gradient. */
  @JsonProperty("credited")
  CREDITED,
  /** Nothing: it is not learnt from. */
  @JsonProperty("ignored")
  IGNORED;

  /** The advantage of a discarded response in an episode of a given advantage. */
  public double advantage(double ofEpisode) {
    return switch (this) {
      case BLAMED -> Math.min(ofEpisode, 0);
      case CREDITED -> ofEpisode;
      case IGNORED -> 0;
    };
  }
}
