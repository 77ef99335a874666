package dev.tandem.rollout.store;

import dev.tandem.rollout.FailedEpisode;
import dev.tandem.rollout.Trajectory;

/** What the store holds of an episode. */
public sealed interface StoredEpisode {
  /** The episode's name in its run. */
  String id();

  /** It was played to an end and judged. */
  record Judged(Trajectory trajectory) implements StoredEpisode {
    @Override
    public String id() {
      return trajectory.id();
    }
  }

  /** It failed for reasons outside the agent. */
  record Broken(FailedEpisode failure) implements StoredEpisode {
    @Override
    public String id() {
      return failure.id();
    }
  }
}
