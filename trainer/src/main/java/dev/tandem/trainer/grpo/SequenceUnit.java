package dev.tandem.trainer.grpo;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What one sequence is, wherever a formula speaks of sequences: in the aggregations that average
 * over them, and in GSPO's ratio.
 */
public enum SequenceUnit {
  /** One answer of the model to one prompt. */
  @JsonProperty("turn")
  TURN,
  /**
   * All answers of an episode, as in Eq. 4: a long episode that fails does not outvote a short one
   * that succeeds. An optimiser step takes whole trajectories.
   */
  @JsonProperty("trajectory")
  TRAJECTORY
}
