package dev.tandem.trainer.grpo;

import dev.tandem.kernels.Kernels;
import dev.tandem.kernels.operation.NormaliseGroups;
import dev.tandem.kernels.operation.Values;
import java.util.List;

/**
 * The advantage of every trajectory over its group.
 *
 * @param values {@code [trajectories]}, in the order they were given
 * @param groups how many groups there were
 * @param groupsWithoutSignal groups of one member or of equal rewards, whose advantages are exactly
 *     0
 */
@SuppressWarnings("ArrayRecordComponent") // handed over to one owner
public record Advantages(double[] values, int groups, int groupsWithoutSignal) {
  /**
   * Computes Eq. 2 and 3, or the chosen variant. The order of the trajectories decides only the
   * order of the result.
   */
  public static Advantages compute(
      List<RewardedTrajectory> trajectories, AdvantageSettings settings, Kernels kernels) {
    double[] rewards = trajectories.stream().mapToDouble(RewardedTrajectory::reward).toArray();
    Grouping tasks = Grouping.by(trajectories.stream().map(RewardedTrajectory::taskKey).toList());
    return switch (settings.groupBy()) {
      case TASK -> withinGroups(rewards, tasks, settings, kernels);
      case TASK_AND_HARNESS -> {
        Grouping pairs =
            Grouping.by(
                trajectories.stream()
                    .map(trajectory -> List.of(trajectory.taskKey(), trajectory.harnessHash()))
                    .toList());
        yield withinGroups(rewards, pairs, settings, kernels);
      }
      case TASK_RESIDUAL -> {
        Grouping harnesses =
            Grouping.by(trajectories.stream().map(RewardedTrajectory::harnessHash).toList());
        double[] residuals =
            HarnessEffects.remove(rewards, tasks, harnesses, settings.harnessShrinkage());
        yield withinGroups(residuals, tasks, settings, kernels);
      }
    };
  }

  /** The share of groups that teach nothing, in [0, 1]; what dynamic sampling watches. */
  public double zeroVarianceFraction() {
    return groups == 0 ? 0 : (double) groupsWithoutSignal / groups;
  }

  private static Advantages withinGroups(
      double[] rewards, Grouping grouping, AdvantageSettings settings, Kernels kernels) {
    AdvantageEstimator estimator = settings.estimator();
    int[] places = grouping.places();
    double[] rewardsByGroup = new double[rewards.length];
    for (int member = 0; member < rewards.length; member++) {
      rewardsByGroup[places[member]] = rewards[member];
    }
    Values values = Values.of(rewardsByGroup);
    long[] withoutSignal = new long[1];
    kernels.run(
        new NormaliseGroups(
            values,
            Values.of(grouping.offsets()),
            estimator.withinGroup(),
            settings.epsilon(),
            values,
            Values.of(withoutSignal)));
    double scale =
        estimator == AdvantageEstimator.REINFORCE_PLUS_PLUS
            ? batchScale(rewardsByGroup, settings.epsilon())
            : 1;
    double[] advantages = new double[rewards.length];
    for (int member = 0; member < rewards.length; member++) {
      advantages[member] = rewardsByGroup[places[member]] * scale;
    }
    return new Advantages(advantages, grouping.groups(), Math.toIntExact(withoutSignal[0]));
  }

  /**
   * One over the standard deviation of the batch. Centred groups have a mean of 0 over the batch
   * too, so that nothing is subtracted here, and groups without signal stay exactly 0.
   */
  private static double batchScale(double[] centred, double epsilon) {
    double squares = 0;
    for (double value : centred) {
      squares += value * value;
    }
    return squares == 0 ? 0 : 1 / (Math.sqrt(squares / (centred.length - 1)) + epsilon);
  }
}
