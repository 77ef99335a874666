package dev.tandem.trainer.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tandem.rollout.Trajectory;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a round's train episodes came to. Rates are in [0, 1].
 *
 * @param reward mean strict score
 * @param stepsMean environment actions per episode
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RolloutMetrics(
    int episodes,
    double trainSuccess,
    @Nullable Double incumbentSuccess,
    @Nullable Double challengerSuccess,
    double reward,
    double stepsMean) {

  /**
   * Means over a round's trajectories, which ran under the incumbent or under another harness, the
   * challenger.
   */
  public static RolloutMetrics of(List<Trajectory> trajectories, String incumbentHash) {
    List<Trajectory> incumbent =
        trajectories.stream().filter(one -> one.harnessHash().equals(incumbentHash)).toList();
    List<Trajectory> challenger =
        trajectories.stream().filter(one -> !one.harnessHash().equals(incumbentHash)).toList();
    return new RolloutMetrics(
        trajectories.size(),
        success(trajectories),
        incumbent.isEmpty() ? null : success(incumbent),
        challenger.isEmpty() ? null : success(challenger),
        trajectories.stream().mapToDouble(Trajectory::reward).average().orElse(0),
        trajectories.stream()
            .mapToInt(trajectory -> trajectory.episode().steps().size())
            .average()
            .orElse(0));
  }

  private static double success(List<Trajectory> trajectories) {
    return trajectories.stream()
        .mapToInt(trajectory -> trajectory.verdict().success() ? 1 : 0)
        .average()
        .orElse(0);
  }
}
