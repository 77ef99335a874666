package dev.tandem.kernels.operation;

/**
 * The trust region of the clipped policy loss. A ratio is held to {@code [1 - low, 1 + high]} where
 * moving further would earn more, and to at most {@code dualClip} where the advantage is negative.
 *
 * @param low how far below 1 the ratio may fall, in [0, 1]
 * @param high how far above 1 the ratio may rise, at least 0
 * @param dualClip the ratio at which a negative advantage stops counting (arXiv 1912.09729), above
 *     1; positive infinity switches it off
 */
public record ClipBounds(double low, double high, double dualClip) {
  /** Checks the ranges. */
  public ClipBounds {
    if (!(low >= 0 && low <= 1)) {
      throw new IllegalArgumentException("clip low must be in [0, 1], was " + low);
    }
    if (!(high >= 0 && high < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("clip high must be finite and at least 0, was " + high);
    }
    if (!(dualClip > 1)) {
      throw new IllegalArgumentException(
          "dual clip must be above 1 (infinity switches it off), was " + dualClip);
    }
  }
}
