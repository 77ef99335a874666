package dev.tandem.kernels.operation;

/**
 * Estimators of KL(policy || reference) from one token sampled by the policy, functions of {@code d
 * = logProb - referenceLogProb} (J. Schulman, "Approximating KL divergence", 2020).
 */
public enum KlEstimator {
  /** {@code d}, with derivative 1. */
  K1,
  /** {@code d^2 / 2}, with derivative {@code d}. */
  K2,
  /**
   * {@code exp(-d) - 1 + d} with d held to 20 either way; derivative {@code 1 - exp(-d)}, and 0
   * beyond 20.
   */
  K3
}
