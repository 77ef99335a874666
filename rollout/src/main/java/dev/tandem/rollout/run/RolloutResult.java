package dev.tandem.rollout.run;

import dev.tandem.rollout.FailedEpisode;
import dev.tandem.rollout.Trajectory;
import java.util.List;
import java.util.stream.Stream;

/**
 * What became of planned episodes: each is in exactly one of the lists, both in the order of the
 * plans.
 *
 * @param trajectories judged episodes
 * @param failures episodes that failed for reasons outside the agent
 * @param attempts how often an episode was begun, retries included
 * @param abandoned attempts whose thread did not end when it was told to
 */
public record RolloutResult(
    List<Trajectory> trajectories, List<FailedEpisode> failures, int attempts, int abandoned) {
  public RolloutResult {
    trajectories = List.copyOf(trajectories);
    failures = List.copyOf(failures);
    int planned = trajectories.size() + failures.size();
    if (attempts < planned || abandoned < 0 || abandoned > attempts) {
      throw new IllegalArgumentException(
          "%d episodes cannot have taken %d attempts of which %d were abandoned"
              .formatted(planned, attempts, abandoned));
    }
  }

  /**
   * Episodes of which none was abandoned, and those that failed were tried as often as they say.
   */
  public RolloutResult(List<Trajectory> trajectories, List<FailedEpisode> failures) {
    this(
        trajectories,
        failures,
        trajectories.size() + failures.stream().mapToInt(FailedEpisode::attempts).sum(),
        0);
  }

  /** These episodes and further ones. */
  public RolloutResult and(RolloutResult further) {
    return new RolloutResult(
        joined(trajectories, further.trajectories),
        joined(failures, further.failures),
        attempts + further.attempts,
        abandoned + further.abandoned);
  }

  private static <T> List<T> joined(List<T> first, List<T> then) {
    return Stream.concat(first.stream(), then.stream()).toList();
  }

  /** Episodes planned. */
  public int planned() {
    return trajectories.size() + failures.size();
  }

  /** Share of the planned episodes that failed. */
  public double failedShare() {
    return failures.isEmpty() ? 0 : (double) failures.size() / planned();
  }
}
