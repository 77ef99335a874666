package dev.tandem.aegis.gate;

/**
 * What is asked of a bundle.
 *
 * @param batch pairs of episodes between two looks, at least 1
 * @param maximumPairs most pairs on tasks as they come, at least a batch
 * @param extraPairs most further pairs on tasks of clusters in doubt, at least 0
 * @param margin loss of success in a cluster that has to be ruled out, above 0
 * @param risk most chance of such a loss in any cluster at which a bundle ships, in (0, 1)
 * @param harmed chance of such a loss from which a cluster counts as harmed, in (risk, 1)
 * @param futility the test stops when its chance of still showing a gain falls below this, in [0,
 *     1)
 */
public record BundleTestSettings(
    int batch,
    int maximumPairs,
    int extraPairs,
    double margin,
    double risk,
    double harmed,
    double futility) {
  public static final BundleTestSettings DEFAULTS =
      new BundleTestSettings(40, 600, 320, 0.05, 0.02, 0.8, 0.05);

  public BundleTestSettings {
    if (batch < 1 || maximumPairs < batch || extraPairs < 0) {
      throw new IllegalArgumentException(
          "a bundle test needs a batch of at least 1, as many pairs and no negative extra, had %d,"
                  .formatted(batch)
              + " %d and %d".formatted(maximumPairs, extraPairs));
    }
    if (!(margin > 0 && risk > 0 && harmed > risk && harmed < 1)) {
      throw new IllegalArgumentException(
          "margin %s must be above 0 and risk %s below harmed %s, between 0 and 1"
              .formatted(margin, risk, harmed));
    }
    if (!(futility >= 0 && futility < 1)) {
      throw new IllegalArgumentException(
          "futility must be at least 0 and below 1, was " + futility);
    }
  }
}
