package dev.tandem.aegis.study;

import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.aegis.screen.Lever;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A world whose truth is known. Log-odds of success are the task's ease, its cluster's, and what
 * the levers that are on add; a lever adds more at some tasks than at others. So effects on the
 * chance of success are neither additive nor alike, and the linear model that is put to the test
 * here is only nearly right.
 *
 * @param base log-odds of success without any lever
 * @param clusterEase what a cluster adds to the log-odds
 * @param effects log-odds that a lever adds
 * @param inCluster what it adds beyond that in one cluster
 * @param together what two levers add together beyond their own
 * @param confined levers that help but for one cluster, which they harm
 */
record World(
    long seed,
    List<Factor> factors,
    double base,
    SortedMap<String, Double> clusterEase,
    Map<Lever, Double> effects,
    Map<Lever, ClusterEffect> inCluster,
    List<Pair> together,
    List<Lever> confined) {
  /** Log-odds of one point of success, where tasks correlate at 0.33. */
  static final double POINT = 0.01 / 0.165;

  /** Relative standard deviation of a lever's effect from task to task. */
  private static final double UNEVEN = 0.5;

  record ClusterEffect(String cluster, double effect) {}

  record Pair(Lever first, Lever second, double effect) {}

  List<String> clusters() {
    return List.copyOf(clusterEase.keySet());
  }

  /** Chance of success. */
  double chance(StudyTask task, Assignment arm) {
    double odds = bare(task);
    for (Lever lever : arm.levers()) {
      odds += effect(task, lever);
    }
    return 1 / (1 + Math.exp(-odds - together(arm)));
  }

  /** How unusual this task is for this lever: mean 0, variance 1. */
  private static double peculiarity(StudyTask task, Lever lever) {
    double uniform =
        new SplittableRandom(task.seed() + 0x9E3779B97F4A7C15L * lever.toString().hashCode())
            .nextDouble();
    return Math.sqrt(3) * (2 * uniform - 1);
  }

  /** What a lever adds to the log-odds at a task. */
  double effect(StudyTask task, Lever lever) {
    double effect = effects.getOrDefault(lever, 0.0);
    ClusterEffect own = inCluster.get(lever);
    if (own != null && own.cluster.equals(task.cluster())) {
      effect += own.effect;
    }
    return effect * (1 + UNEVEN * peculiarity(task, lever));
  }

  /** What pairs of levers add to the log-odds. */
  double together(Assignment arm) {
    double odds = 0;
    for (Pair pair : together) {
      odds += arm.has(pair.first) && arm.has(pair.second) ? pair.effect : 0;
    }
    return odds;
  }

  double bare(StudyTask task) {
    return base + clusterEase.getOrDefault(task.cluster(), 0.0) + task.ease();
  }

  /** Factors that are off or on. */
  static List<Factor> toggles(String name, int count) {
    return IntStream.rangeClosed(1, count).mapToObj(i -> Factor.toggle(name + i)).toList();
  }
}
