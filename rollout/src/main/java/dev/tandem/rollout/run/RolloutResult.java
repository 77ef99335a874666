package dev.tandem.rollout.run;

import dev.tandem.rollout.FailedEpisode;
import dev.tandem.rollout.Trajectory;
import java.util.List;

/**
 * What became of planned episodes: each is in exactly one of the lists, both in the order of the
 * plans.
 *
 * @param trajectories judged episodes
 * @param failures episodes that failed for reasons outside the agent
 */
public record RolloutResult(List<Trajectory> trajectories, List<FailedEpisode> failures) {
  public RolloutResult {
    trajectories = List.copyOf(trajectories);
    failures = List.copyOf(failures);
  }

  /** Episodes planned. */
  public int planned() {
    return trajectories.size() + failures.size();
  }
}
