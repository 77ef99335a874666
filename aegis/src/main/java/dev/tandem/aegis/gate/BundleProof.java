package dev.tandem.aegis.gate;

import java.util.List;

/**
 * The numbers behind the answer to a bundle, from which it can be computed again.
 *
 * @param pairs judged pairs on tasks as they came
 * @param wins of these, pairs that only the candidate solved
 * @param losses of these, pairs that only the incumbent solved, and one for every infrastructure
 *     failure that the candidate had more of
 * @param moreFailures infrastructure failures that the candidate had more of, at least 0
 * @param winShare where the bet on a gain was placed
 * @param eValue the most that its capital ever was
 * @param level of the test, so that 1 / level had to be reached
 * @param clusters what came out by cluster, extra pairs included
 * @param episodes what it cost
 */
public record BundleProof(
    int pairs,
    int wins,
    int losses,
    int moreFailures,
    double winShare,
    double eValue,
    double level,
    List<ClusterProof> clusters,
    int episodes) {
  public BundleProof {
    clusters = List.copyOf(clusters);
  }

  /** Whether a gain was shown. */
  public boolean gainShown() {
    return eValue >= 1 / level;
  }

  /**
   * One cluster's share.
   *
   * @param effect posterior mean from screen and pairs together
   * @param deviation its standard deviation
   * @param risk chance that the cluster loses more than the margin
   */
  public record ClusterProof(
      String cluster,
      int pairs,
      int wins,
      int losses,
      double effect,
      double deviation,
      double risk) {}
}
