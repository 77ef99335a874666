package dev.tandem.trainer.run;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tandem.rollout.Trajectory;
import dev.tandem.trainer.grpo.HarnessVariance;
import dev.tandem.trainer.grpo.RewardedTrajectory;
import dev.tandem.trainer.recipe.Lag;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * The replay buffer as a round's learning found it.
 *
 * @param tasks how many it had episodes of
 * @param staleness mean number of rounds of learning since the weights that played its episodes
 * @param harnessVariance share of the reward's variance within tasks that the harness explains, by
 *     {@link HarnessVariance}; absent where that cannot be told
 * @param byTask each group
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BufferMetrics(
    int tasks,
    double staleness,
    @Nullable Double harnessVariance,
    @JsonIgnore List<GroupMetrics> byTask) {
  /** Copies the list. */
  public BufferMetrics {
    byTask = List.copyOf(byTask);
  }

  /** Of a buffer that holds these trajectories. */
  public static BufferMetrics of(int round, Lag lag, List<Trajectory> held) {
    List<Trajectory> judged =
        held.stream().filter(one -> !one.episode().exitReason().isInfrastructure()).toList();
    OptionalDouble explained =
        HarnessVariance.explained(
            judged.stream()
                .map(
                    one ->
                        new RewardedTrajectory(one.task().key(), one.harnessHash(), one.reward()))
                .toList());
    List<GroupMetrics> groups = GroupMetrics.of(round, lag, judged);
    return new BufferMetrics(
        groups.size(),
        judged.stream().mapToInt(one -> lag.staleness(round, one.round())).average().orElse(0),
        explained.isPresent() ? explained.getAsDouble() : null,
        groups);
  }
}
