package dev.tandem.trainer.warmstart;

import java.util.List;

/**
 * When a warm start has learned what its demonstrations can teach: each pass that does not lower
 * the held-out loss makes the steps smaller, and two such passes in a row end it. What more could
 * be had from the same demonstrations is then only how to recite them.
 */
final class Plateau {
  /** A pass helps when it takes off at least this share of the best loss before. */
  private static final double LEAST_GAIN = 0.005;

  private static final double SMALLER = 0.3;
  private static final int PATIENCE = 2;

  private Plateau() {}

  /** What the learning rate is multiplied with after passes with these held-out losses. */
  static double scale(List<Double> heldOut) {
    double scale = 1;
    for (int pass = 1; pass < heldOut.size(); pass++) {
      scale *= helped(heldOut, pass) ? 1 : SMALLER;
    }
    return scale;
  }

  /** Whether the last passes did not help. */
  static boolean isReached(List<Double> heldOut) {
    int last = heldOut.size() - 1;
    for (int pass = last; pass > last - PATIENCE; pass--) {
      if (pass < 1 || helped(heldOut, pass)) {
        return false;
      }
    }
    return true;
  }

  private static boolean helped(List<Double> heldOut, int pass) {
    double best =
        heldOut.subList(0, pass).stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    return heldOut.get(pass) <= best * (1 - LEAST_GAIN);
  }
}
