package dev.tandem.aegis.screen;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One change's effects in all clusters: a joint normal distribution.
 *
 * @param shares of the tasks, by cluster, adding up to 1
 * @param means in order of clusters
 * @param covariance in order of clusters
 */
@SuppressWarnings("ArrayRecordComponent")
public record ClusterEffects(
    SortedMap<String, Double> shares, List<Double> means, List<List<Double>> covariance) {
  public ClusterEffects {
    shares = Collections.unmodifiableSortedMap(new TreeMap<>(shares));
    means = List.copyOf(means);
    covariance = covariance.stream().map(List::copyOf).toList();
    if (means.size() != shares.size() || covariance.size() != means.size()) {
      throw new IllegalArgumentException(
          "%d clusters need as many means, had %d".formatted(shares.size(), means.size()));
    }
  }

  /** From arrays in order of clusters. */
  public static ClusterEffects of(
      SortedMap<String, Double> shares, double[] means, double[][] covariance) {
    return new ClusterEffects(
        shares, boxed(means), Arrays.stream(covariance).map(ClusterEffects::boxed).toList());
  }

  private static List<Double> boxed(double[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  /** How many clusters there are. */
  public int count() {
    return means.size();
  }

  public List<String> clusters() {
    return List.copyOf(shares.keySet());
  }

  /** The effect in the cluster at this place. */
  public Effect at(int cluster) {
    return new Effect(means.get(cluster), Math.sqrt(covariance.get(cluster).get(cluster)));
  }

  /** Chance that the cluster at this place loses more than a margin. */
  public double probabilityOfLoss(int cluster, double margin) {
    return at(cluster).probabilityBelow(-margin);
  }

  /**
   * After seeing a mean difference in one cluster (a step of the Kalman filter).
   *
   * @param difference mean of the differences seen
   * @param variance of that mean
   */
  public ClusterEffects after(int cluster, double difference, double variance) {
    double total = covariance.get(cluster).get(cluster) + variance;
    double surprise = difference - means.get(cluster);
    double[] updated = new double[count()];
    double[][] spread = new double[count()][count()];
    for (int a = 0; a < count(); a++) {
      double gain = covariance.get(a).get(cluster) / total;
      updated[a] = means.get(a) + gain * surprise;
      for (int b = 0; b < count(); b++) {
        spread[a][b] = covariance.get(a).get(b) - gain * covariance.get(cluster).get(b);
      }
    }
    return of(shares, updated, spread);
  }
}
