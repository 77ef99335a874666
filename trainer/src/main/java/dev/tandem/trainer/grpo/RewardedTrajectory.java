package dev.tandem.trainer.grpo;

/**
 * What advantages are computed from.
 *
 * @param taskKey identity of the task; equal keys are attempts at one task
 * @param harnessHash content hash of the harness the attempt ran under
 * @param reward the verifier's reward, finite
 */
public record RewardedTrajectory(String taskKey, String harnessHash, double reward) {
  /** Checks that the reward is finite. */
  public RewardedTrajectory {
    if (!Double.isFinite(reward)) {
      throw new IllegalArgumentException(
          "reward of task %s must be finite, was %s".formatted(taskKey, reward));
    }
  }
}
