package dev.tandem.trainer.grpo;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Which trajectories are compared with one another. */
public enum GroupBy {
  /** All attempts at a task, whatever harness they ran under (Eq. 2). */
  @JsonProperty("task")
  TASK,
  /** Attempts at a task under one harness. */
  @JsonProperty("task_and_harness")
  TASK_AND_HARNESS,
  /**
   * All attempts at a task, after the harness's own effect on the reward has been estimated over
   * the round and taken away, so that the model is neither credited nor blamed for the scaffold.
   */
  @JsonProperty("task_residual")
  TASK_RESIDUAL
}
