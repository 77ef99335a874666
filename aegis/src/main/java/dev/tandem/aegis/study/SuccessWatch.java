package dev.tandem.aegis.study;

import java.util.HashMap;
import java.util.Map;

/**
 * The drift watch that concurrent controls replace: a CUSUM of an incumbent's episodes, each taken
 * for independent, against what the version before achieved.
 */
final class SuccessWatch {
  private static final double MEMORY = 0.8;
  private static final double CLUSTER_STRENGTH = 4;
  private static final double PRIOR_STRENGTH = 2;
  private static final double THRESHOLD = 10;
  private static final double ODDS_RATIO = 0.5;

  private Map<String, double[]> running = new HashMap<>();
  private Map<String, double[]> reference = new HashMap<>();
  private boolean watching;
  private double cusum;

  /** A round's episode of the incumbent, for the sum. */
  void watch(StudyTask task, boolean success) {
    if (watching && cusum < THRESHOLD) {
      double cluster = mean(reference, task.cluster(), 0.5, PRIOR_STRENGTH);
      double expected = mean(reference, task.key(), cluster, CLUSTER_STRENGTH);
      double odds = ODDS_RATIO * expected / (1 - expected);
      double dropped = odds / (1 + odds);
      cusum += success ? Math.log(dropped / expected) : Math.log((1 - dropped) / (1 - expected));
      cusum = Math.max(0, cusum);
    }
  }

  void fade() {
    running
        .values()
        .forEach(
            counts -> {
              counts[0] *= MEMORY;
              counts[1] *= MEMORY;
            });
  }

  void learn(StudyTask task, boolean success) {
    running.computeIfAbsent(task.key(), key -> new double[2])[success ? 0 : 1]++;
    running.computeIfAbsent(task.cluster(), key -> new double[2])[success ? 0 : 1]++;
  }

  boolean alarms() {
    return cusum >= THRESHOLD;
  }

  void shipped() {
    reference = copy(running);
    watching = true;
    cusum = 0;
  }

  void reverted() {
    running = copy(reference);
    watching = false;
    cusum = 0;
  }

  private static Map<String, double[]> copy(Map<String, double[]> counts) {
    Map<String, double[]> copy = new HashMap<>();
    counts.forEach((key, value) -> copy.put(key, value.clone()));
    return copy;
  }

  private static double mean(
      Map<String, double[]> counts, String key, double prior, double strength) {
    double[] one = counts.getOrDefault(key, new double[2]);
    return (one[0] + prior * strength) / (one[0] + one[1] + strength);
  }
}
