package dev.tandem.kernels.operation;

/**
 * The pull towards a reference policy.
 *
 * @param estimator how a token's KL is estimated
 * @param coefficient its weight in the loss, at least 0; 0 measures without pulling
 */
public record KlPenalty(KlEstimator estimator, double coefficient) {
  /** Measures by k3 and does not pull. */
  public static final KlPenalty MEASURED = new KlPenalty(KlEstimator.K3, 0);

  /** Checks the range. */
  public KlPenalty {
    Shapes.require(
        coefficient >= 0 && Double.isFinite(coefficient),
        "KL coefficient must be finite and at least 0, was %s",
        coefficient);
  }
}
