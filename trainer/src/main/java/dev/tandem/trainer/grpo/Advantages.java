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
    Compared compared = Compared.of(trajectories, settings);
    return withinGroups(compared.rewards, Grouping.by(compared.groups), settings, kernels);
  }

  /**
   * The advantage of every step among those of its group that began in the same state: {@code
   * [steps]}, not weighted. A trajectory's reward comes at its end, so that the return-to-go of a
   * step is {@code discount^stepsToEnd * reward}.
   */
  public static double[] ofSteps(
      List<AnchoredStep> steps,
      List<RewardedTrajectory> trajectories,
      StepCredit.Anchors credit,
      AdvantageSettings settings,
      Kernels kernels) {
    Compared compared = Compared.of(trajectories, settings);
    double[] returns =
        steps.stream()
            .mapToDouble(
                step ->
                    Math.pow(credit.discount(), step.stepsToEnd())
                        * compared.rewards[step.trajectory()])
            .toArray();
    Grouping byState =
        Grouping.by(
            steps.stream()
                .map(step -> List.of(compared.groups.get(step.trajectory()), step.state()))
                .toList());
    return withinGroups(returns, byState, settings, kernels).values;
  }

  /**
   * What is compared with what.
   *
   * @param rewards {@code [trajectories]}, without what is not the model's doing
   * @param groups {@code [trajectories]} keys; equal ones are compared
   */
  private record Compared(double[] rewards, List<?> groups) {
    static Compared of(List<RewardedTrajectory> trajectories, AdvantageSettings settings) {
      double[] rewards = trajectories.stream().mapToDouble(RewardedTrajectory::reward).toArray();
      List<String> tasks = trajectories.stream().map(RewardedTrajectory::taskKey).toList();
      return switch (settings.groupBy()) {
        case TASK -> new Compared(rewards, tasks);
        case TASK_AND_HARNESS ->
            new Compared(
                rewards,
                trajectories.stream()
                    .map(trajectory -> List.of(trajectory.taskKey(), trajectory.harnessHash()))
                    .toList());
        case TASK_RESIDUAL -> {
          Grouping harnesses =
              Grouping.by(trajectories.stream().map(RewardedTrajectory::harnessHash).toList());
          yield new Compared(
              HarnessEffects.remove(
                  rewards, Grouping.by(tasks), harnesses, settings.harnessShrinkage()),
              tasks);
        }
      };
    }
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
