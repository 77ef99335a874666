package dev.tandem.aegis.study;

import dev.tandem.aegis.screen.Effect;

/** How often 90% intervals hold the truth; honest ones do in nine cases of ten. */
final class Coverage {
  private static final double LEVEL = 0.9;

  private int overall;
  private int overallHeld;
  private int cluster;
  private int clusterHeld;

  void overall(Effect effect, double truth) {
    overall++;
    overallHeld += holds(effect, truth) ? 1 : 0;
  }

  void cluster(Effect effect, double truth) {
    cluster++;
    clusterHeld += holds(effect, truth) ? 1 : 0;
  }

  void add(Coverage other) {
    overall += other.overall;
    overallHeld += other.overallHeld;
    cluster += other.cluster;
    clusterHeld += other.clusterHeld;
  }

  /** Share of overall intervals that hold the truth; NaN if there were none. */
  double ofOverall() {
    return (double) overallHeld / overall;
  }

  /** Share of cluster intervals that hold the truth; NaN if there were none. */
  double ofCluster() {
    return (double) clusterHeld / cluster;
  }

  private static boolean holds(Effect effect, double truth) {
    return effect.low(LEVEL) <= truth && truth <= effect.high(LEVEL);
  }
}
