package dev.tandem.trainer.run;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.tandem.rollout.Trajectory;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A success rate with Wilson's 95% interval (Wilson 1927; Brown, Cai and DasGupta 2001).
 *
 * @param success share of successful episodes, in [0, 1]
 * @param low lower end of the interval
 * @param high upper end of the interval
 * @param byFamily success per kind of task
 */
@JsonPropertyOrder({"success", "episodes", "low", "high", "by_family"})
public record SuccessRate(
    double success, int episodes, double low, double high, SortedMap<String, Double> byFamily) {
  private static final double Z = 1.959963984540054;

  public SuccessRate {
    byFamily = Collections.unmodifiableSortedMap(new TreeMap<>(byFamily));
  }

  /** The rate over finished episodes; at least one. */
  public static SuccessRate of(List<Trajectory> trajectories) {
    SortedMap<String, int[]> counts = new TreeMap<>();
    int successes = 0;
    for (Trajectory trajectory : trajectories) {
      int[] count = counts.computeIfAbsent(trajectory.task().category(), key -> new int[2]);
      count[1]++;
      if (trajectory.verdict().success()) {
        count[0]++;
        successes++;
      }
    }
    SortedMap<String, Double> byFamily = new TreeMap<>();
    counts.forEach((category, count) -> byFamily.put(category, (double) count[0] / count[1]));
    return of(successes, trajectories.size(), byFamily);
  }

  static SuccessRate of(int successes, int episodes, SortedMap<String, Double> byFamily) {
    if (episodes < 1) {
      throw new IllegalArgumentException(
          "a success rate needs at least 1 episode, had " + episodes);
    }
    double rate = (double) successes / episodes;
    double z2 = Z * Z / episodes;
    double centre = (rate + z2 / 2) / (1 + z2);
    double half = Z / (1 + z2) * Math.sqrt(rate * (1 - rate) / episodes + z2 / (4 * episodes));
    return new SuccessRate(
        rate, episodes, Math.max(0, centre - half), Math.min(1, centre + half), byFamily);
  }
}
