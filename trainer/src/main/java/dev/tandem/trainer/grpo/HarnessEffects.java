package dev.tandem.trainer.grpo;

/**
 * The additive effect of each harness on the reward, {@code r = task + effect(harness) + noise},
 * with the effects shrunk towards 0 as in empirical Bayes: {@code effect(h) = n_h / (n_h + k) *
 * mean of (r - task) over h}.
 *
 * <p>Where every harness ran on the same tasks this is {@code n_h / (n_h + k) * (mean(h) - mean
 * overall)}. Where the router sent them to different tasks, deviations are taken from the task's
 * own level, which is fitted along with the effects: otherwise a harness that was given the hard
 * tasks would look like a bad harness, and its attempts at the tasks it shares with others would be
 * flattered. Both sets are fitted in turns; each turn lowers a convex quadratic, so they settle.
 */
final class HarnessEffects {
  private static final int MAX_SWEEPS = 1_000;
  private static final double SETTLED = 1e-13;

  private HarnessEffects() {}

  /** Rewards without the harness's effect: {@code [trajectories]}. */
  static double[] remove(double[] rewards, Grouping tasks, Grouping harnesses, double shrinkage) {
    double[] effects = estimate(rewards, tasks, harnesses, shrinkage);
    double[] residuals = new double[rewards.length];
    for (int i = 0; i < rewards.length; i++) {
      residuals[i] = rewards[i] - effects[harnesses.groupOfMember()[i]];
    }
    return residuals;
  }

  /** One effect for each harness: {@code [harnesses]}. */
  static double[] estimate(double[] rewards, Grouping tasks, Grouping harnesses, double shrinkage) {
    double[] effects = new double[harnesses.groups()];
    for (int sweep = 0; sweep < MAX_SWEEPS; sweep++) {
      double[] levels = meansOfRest(rewards, harnesses, effects, tasks, 0);
      double[] next = meansOfRest(rewards, tasks, levels, harnesses, shrinkage);
      double change = 0;
      for (int harness = 0; harness < next.length; harness++) {
        change = Math.max(change, Math.abs(next[harness] - effects[harness]));
      }
      effects = next;
      if (change <= SETTLED) {
        break;
      }
    }
    return effects;
  }

  /**
   * Per group of {@code by}, the sum of what {@code known} does not explain over {@code members +
   * pseudoCount}.
   */
  private static double[] meansOfRest(
      double[] rewards, Grouping known, double[] knownEffects, Grouping by, double pseudoCount) {
    double[] means = new double[by.groups()];
    for (int i = 0; i < rewards.length; i++) {
      means[by.groupOfMember()[i]] += rewards[i] - knownEffects[known.groupOfMember()[i]];
    }
    int[] sizes = by.sizes();
    for (int group = 0; group < means.length; group++) {
      means[group] /= sizes[group] + pseudoCount;
    }
    return means;
  }
}
