package dev.tandem.aegis.screen;

import java.util.ArrayList;
import java.util.List;

/**
 * A task's episodes in a round as numbers.
 *
 * @param weight what its evidence still counts
 * @param means of the regressors
 * @param deviations per arm, its regressors minus the task's mean
 * @param successes per arm, or what else is measured
 * @param attemptsByArm episodes per arm
 */
@SuppressWarnings("ArrayRecordComponent") // numbers on their way, never compared
record WeightedBlock(
    String task,
    String cluster,
    double weight,
    double[] means,
    double[][] deviations,
    double[] successes,
    int[] attemptsByArm) {

  /** The blocks that say anything: those in which more than one arm played. */
  static List<WeightedBlock> of(
      Evidence evidence, Columns columns, int round, EffectSettings settings, Measure measure) {
    double[][] features = evidence.arms().stream().map(columns::features).toArray(double[][]::new);
    List<WeightedBlock> blocks = new ArrayList<>();
    for (Evidence.Block block : evidence.blocks()) {
      int age = round - block.round();
      if (age < settings.memory() && age >= 0 && block.outcomes().size() > 1) {
        blocks.add(of(block, features, Math.pow(settings.decay(), age), measure));
      }
    }
    return blocks;
  }

  private static WeightedBlock of(
      Evidence.Block block, double[][] features, double weight, Measure measure) {
    int arms = block.outcomes().size();
    int columns = features[0].length;
    double[][] deviations = new double[arms][columns];
    double[] successes = new double[arms];
    int[] attempts = new int[arms];
    double[] mean = new double[columns];
    int all = block.attempts();
    for (int i = 0; i < arms; i++) {
      Evidence.Outcome outcome = block.outcomes().get(i);
      successes[i] = measure.of(outcome);
      attempts[i] = outcome.attempts();
      double[] row = features[outcome.arm()];
      for (int j = 0; j < mean.length; j++) {
        deviations[i][j] = row[j];
        mean[j] += row[j] * attempts[i] / all;
      }
    }
    for (double[] row : deviations) {
      for (int j = 0; j < mean.length; j++) {
        row[j] -= mean[j];
      }
    }
    return new WeightedBlock(
        block.task(), block.cluster(), weight, mean, deviations, successes, attempts);
  }

  int attempts() {
    int all = 0;
    for (int one : attemptsByArm) {
      all += one;
    }
    return all;
  }

  double meanSuccess() {
    double all = 0;
    for (double one : successes) {
      all += one;
    }
    return all / attempts();
  }

  /** Adds this block's sums to a cluster's. */
  void add(double[][] product, double[] moment) {
    for (int arm = 0; arm < deviations.length; arm++) {
      double[] row = deviations[arm];
      for (int i = 0; i < row.length; i++) {
        double scaled = weight * attemptsByArm[arm] * row[i];
        moment[i] += weight * successes[arm] * row[i];
        if (scaled != 0) {
          double[] into = product[i];
          for (int j = 0; j < row.length; j++) {
            into[j] += scaled * row[j];
          }
        }
      }
    }
  }

  /** Per arm: successes beyond what the task's mean and these effects explain. */
  double[] residuals(double[] effect) {
    double mean = meanSuccess();
    double[] residuals = new double[deviations.length];
    for (int arm = 0; arm < residuals.length; arm++) {
      double expected = mean;
      for (int j = 0; j < effect.length; j++) {
        expected += deviations[arm][j] * effect[j];
      }
      residuals[arm] = successes[arm] - attemptsByArm[arm] * expected;
    }
    return residuals;
  }
}
