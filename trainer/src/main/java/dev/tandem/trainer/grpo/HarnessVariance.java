package dev.tandem.trainer.grpo;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How much of the reward is the harness's doing. Of the variance within tasks, the share that an
 * additive effect of the harness takes away, both per degree of freedom: the adjusted R&sup2; of
 * {@code r = task + effect(harness) + noise} against {@code r = task + noise}, fitted by least
 * squares. Without that adjustment, harnesses that played one episode each would explain all.
 */
public final class HarnessVariance {
  /** A variance that equal rewards may seem to have. */
  private static final double ROUNDING = 1e-20;

  private HarnessVariance() {}

  /**
   * The share; about 0, or below, where harnesses do not differ. Empty where rewards do not vary
   * within tasks or there are too few episodes to tell effects from noise.
   */
  public static OptionalDouble explained(List<RewardedTrajectory> trajectories) {
    double[] rewards = trajectories.stream().mapToDouble(RewardedTrajectory::reward).toArray();
    Grouping tasks = Grouping.by(trajectories.stream().map(RewardedTrajectory::taskKey).toList());
    Grouping harnesses =
        Grouping.by(trajectories.stream().map(RewardedTrajectory::harnessHash).toList());
    int within = rewards.length - tasks.groups();
    int left = within - harnesses.groups() + components(tasks, harnesses);
    double noise = squaresWithin(rewards, tasks);
    if (left <= 0 || noise <= ROUNDING * rewards.length) {
      return OptionalDouble.empty();
    }
    double[] rest = HarnessEffects.remove(rewards, tasks, harnesses, 0);
    return OptionalDouble.of(1 - squaresWithin(rest, tasks) / left / (noise / within));
  }

  /** Squared distances from the task's mean. */
  private static double squaresWithin(double[] values, Grouping tasks) {
    int[] sizes = tasks.sizes();
    double[] means = new double[tasks.groups()];
    for (int i = 0; i < values.length; i++) {
      int task = tasks.groupOfMember()[i];
      means[task] += values[i] / sizes[task];
    }
    double squares = 0;
    for (int i = 0; i < values.length; i++) {
      double distance = values[i] - means[tasks.groupOfMember()[i]];
      squares += distance * distance;
    }
    return squares;
  }

  /** Sets of tasks and harnesses that no episode connects: in each, one effect is free. */
  private static int components(Grouping tasks, Grouping harnesses) {
    int[] parent = new int[tasks.groups() + harnesses.groups()];
    Arrays.setAll(parent, node -> node);
    int components = parent.length;
    for (int i = 0; i < tasks.groupOfMember().length; i++) {
      int task = root(parent, tasks.groupOfMember()[i]);
      int harness = root(parent, tasks.groups() + harnesses.groupOfMember()[i]);
      if (task != harness) {
        parent[task] = harness;
        components--;
      }
    }
    return components;
  }

  private static int root(int[] parent, int node) {
    int at = node;
    while (parent[at] != at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  }
}
