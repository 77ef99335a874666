package dev.tandem.trainer.grpo;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What a response earns that a processor turned down, so that the model was asked again. It has led
 * to no action of its own.
 */
public enum DiscardedTurns {
  /** Nothing: it is not learnt from. */
  @JsonProperty("ignored")
  IGNORED,
  /** The episode's advantage where that is negative: a slip is never reinforced. */
  @JsonProperty("blamed")
  BLAMED,
  /** The episode's advantage: the gradient of all that was sampled. */
  @JsonProperty("credited")
  CREDITED;

  /** The advantage of a discarded response in an episode of a given advantage. */
  public double advantage(double ofEpisode) {
    return switch (this) {
      case IGNORED -> 0;
      case BLAMED -> Math.min(ofEpisode, 0);
      case CREDITED -> ofEpisode;
    };
  }
}
