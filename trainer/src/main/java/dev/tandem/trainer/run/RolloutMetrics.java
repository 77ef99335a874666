package dev.tandem.trainer.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tandem.rollout.Trajectory;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a round's train episodes came to. Rates are in [0, 1].
 *
 * @param incumbentSuccess of the episodes under what was in force for their tasks
 * @param screenSuccess of the episodes under other harnesses
 * @param harnesses how many harness versions played
 * @param reward mean strict score
 * @param stepsMean environment actions per episode
 * @param furtherTasks tasks that were played because too few groups had a signal; null where the
 *     recipe does not ask for that
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RolloutMetrics(
    int episodes,
    double trainSuccess,
    @Nullable Double incumbentSuccess,
    @Nullable Double screenSuccess,
    int harnesses,
    double reward,
    double stepsMean,
    @Nullable Integer furtherTasks) {

  /**
   * Means over a round's trajectories, which ran under what was in force or, to learn what levers
   * do, under other harnesses.
   */
  public static RolloutMetrics of(
      List<Trajectory> trajectories,
      Predicate<Trajectory> inForce,
      @Nullable Integer furtherTasks) {
    List<Trajectory> incumbent = trajectories.stream().filter(inForce).toList();
    List<Trajectory> others = trajectories.stream().filter(inForce.negate()).toList();
    return new RolloutMetrics(
        trajectories.size(),
        success(trajectories),
        incumbent.isEmpty() ? null : success(incumbent),
        others.isEmpty() ? null : success(others),
        (int) trajectories.stream().map(Trajectory::harnessHash).distinct().count(),
        trajectories.stream().mapToDouble(Trajectory::reward).average().orElse(0),
        trajectories.stream()
            .mapToInt(trajectory -> trajectory.episode().steps().size())
            .average()
            .orElse(0),
        furtherTasks);
  }

  private static double success(List<Trajectory> trajectories) {
    return trajectories.stream()
        .mapToInt(trajectory -> trajectory.verdict().success() ? 1 : 0)
        .average()
        .orElse(0);
  }
}
