package dev.tandem.aegis.gate;

/**
 * What the gate asks of a bundle, and what it may spend.
 *
 * @param seesaw the rule
 * @param episodesPerRound gate episodes that every round adds to what tests may spend, at least 0
 * @param alpha bound on the share of useless bundles among the shipped ones over a whole run, in
 *     (0, 1)
 * @param power least chance to pass, if the prediction is right, at which a bundle is tested, in
 *     [0, 1)
 * @param batch pairs of episodes between two looks, at least 1
 * @param maximumPairs most pairs of one test on tasks as they come, at least a batch
 * @param extraPairs most further pairs on tasks of clusters in doubt, at least 0
 * @param margin loss of success in a cluster that has to be ruled out, above 0
 * @param risk most chance of such a loss in any cluster at which a bundle ships, in (0, 1)
 * @param harmed chance of such a loss from which a cluster counts as harmed, in (risk, 1)
 * @param futility a test stops when its chance of still showing a gain falls below this, in [0, 1)
 * @param strictTasks tasks that the strict rule plays, at least 1
 */
public record GateSettings(
    Seesaw seesaw,
    int episodesPerRound,
    double alpha,
    double power,
    int batch,
    int maximumPairs,
    int extraPairs,
    double margin,
    double risk,
    double harmed,
    double futility,
    int strictTasks) {
  public static final GateSettings DEFAULTS =
      new GateSettings(Seesaw.SEQUENTIAL, 192, 0.2, 0.6, 40, 600, 320, 0.05, 0.02, 0.8, 0.05, 76);

  public GateSettings {
    if (episodesPerRound < 0) {
      throw new IllegalArgumentException(
          "episodes_per_round must be at least 0, was " + episodesPerRound);
    }
    if (!(alpha > 0 && alpha < 1)) {
      throw new IllegalArgumentException("alpha must be between 0 and 1, was " + alpha);
    }
    if (!(power >= 0 && power < 1)) {
      throw new IllegalArgumentException("power must be at least 0 and below 1, was " + power);
    }
    if (batch < 1) {
      throw new IllegalArgumentException("batch must be at least 1, was " + batch);
    }
    if (maximumPairs < batch) {
      throw new IllegalArgumentException(
          "maximum_pairs must be at least the batch of %d, was %d".formatted(batch, maximumPairs));
    }
    if (extraPairs < 0) {
      throw new IllegalArgumentException("extra_pairs must be at least 0, was " + extraPairs);
    }
    if (!(margin > 0)) {
      throw new IllegalArgumentException("margin must be above 0, was " + margin);
    }
    if (!(risk > 0 && risk < 1)) {
      throw new IllegalArgumentException("risk must be between 0 and 1, was " + risk);
    }
    if (!(harmed > risk && harmed < 1)) {
      throw new IllegalArgumentException(
          "harmed must be above the risk of %s and below 1, was %s".formatted(risk, harmed));
    }
    if (!(futility >= 0 && futility < 1)) {
      throw new IllegalArgumentException(
          "futility must be at least 0 and below 1, was " + futility);
    }
    if (strictTasks < 1) {
      throw new IllegalArgumentException("strict_tasks must be at least 1, was " + strictTasks);
    }
  }

  /** The same with another rule. */
  public GateSettings with(Seesaw other) {
    return new GateSettings(
        other,
        episodesPerRound,
        alpha,
        power,
        batch,
        maximumPairs,
        extraPairs,
        margin,
        risk,
        harmed,
        futility,
        strictTasks);
  }

  BundleTestSettings bundleTest() {
    return new BundleTestSettings(batch, maximumPairs, extraPairs, margin, risk, harmed, futility);
  }
}
