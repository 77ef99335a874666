package dev.tandem.aegis.screen;

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
    SortedMap<String, Double> shares, double[] means, double[][] covariance) {
  public ClusterEffects {
    shares = Collections.unmodifiableSortedMap(new TreeMap<>(shares));
    if (means.length != shares.size() || covariance.length < means.length) {
      throw new IllegalArgumentException(
          "%d clusters need as many means, had %d".formatted(shares.size(), means.length));
    }
  }

  public List<String> clusters() {
    return List.copyOf(shares.keySet());
  }

  /** The effect in the cluster at this place. */
  public Effect at(int cluster) {
    return new Effect(means[cluster], Math.sqrt(covariance[cluster][cluster]));
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
    double total = covariance[cluster][cluster] + variance;
    double surprise = difference - means[cluster];
    double[] updated = means.clone();
    double[][] spread = new double[covariance.length][];
    for (int a = 0; a < means.length; a++) {
      double gain = covariance[a][cluster] / total;
      updated[a] += gain * surprise;
      spread[a] = covariance[a].clone();
      for (int b = 0; b < means.length; b++) {
        spread[a][b] -= gain * covariance[cluster][b];
      }
    }
    return new ClusterEffects(shares, updated, spread);
  }
}
