package dev.tandem.trainer.grpo;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tandem.kernels.operation.GroupNormalisation;

/** How rewards become advantages within their groups. */
public enum AdvantageEstimator {
  /** {@code (r - mean) / (std + epsilon)} (Eq. 3; DeepSeekMath, arXiv 2402.03300). */
  @JsonProperty("grpo")
  GRPO(GroupNormalisation.MEAN_STD),
  /**
   * {@code r - mean}: no bias towards tasks that are nearly solved or nearly lost (arXiv
   * 2503.20783).
   */
  @JsonProperty("dr_grpo")
  DR_GRPO(GroupNormalisation.MEAN),
  /** {@code r - mean of the others} (arXiv 2402.14740). */
  @JsonProperty("rloo")
  RLOO(GroupNormalisation.LEAVE_ONE_OUT),
  /**
   * {@code r - mean} of the group, then divided by the standard deviation over the whole batch: the
   * variant with a group baseline of REINFORCE++ (arXiv 2501.03262). Every trajectory counts once
   * in that deviation.
   */
  @JsonProperty("reinforce++")
  REINFORCE_PLUS_PLUS(GroupNormalisation.MEAN);

  private final GroupNormalisation withinGroup;

  AdvantageEstimator(GroupNormalisation withinGroup) {
    this.withinGroup = withinGroup;
  }

  GroupNormalisation withinGroup() {
    return withinGroup;
  }
}
