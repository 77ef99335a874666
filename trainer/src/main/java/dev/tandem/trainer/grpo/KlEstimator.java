package dev.tandem.trainer.grpo;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Estimators of KL(pi || pi_ref) from one sampled token, functions of {@code d = logp - logp_ref}
 * (J. Schulman, "Approximating KL divergence", 2020).
 */
public enum KlEstimator {
  /** No penalty. */
  @JsonProperty("off")
  OFF,
  /**
   * {@code d}: unbiased as a value; as a loss its gradient has mean 0, so that it hardly restrains.
   */
  @JsonProperty("k1")
  K1,
  /**
   * {@code d^2 / 2}: biased as a value; its gradient is that of the KL on samples of the policy.
   */
  @JsonProperty("k2")
  K2,
  /**
   * {@code exp(-d) - 1 + d}, d held to 20 either way: unbiased and never negative; what GRPO uses
   * (Eq. 5).
   */
  @JsonProperty("k3")
  K3;

  private static final double MAX_LOG_RATIO = 20;

  /** The estimate for one token. */
  public double value(double logRatio) {
    return switch (this) {
      case OFF -> 0;
      case K1 -> logRatio;
      case K2 -> logRatio * logRatio / 2;
      case K3 -> {
        double held = Math.clamp(logRatio, -MAX_LOG_RATIO, MAX_LOG_RATIO);
        yield Math.expm1(-held) + held;
      }
    };
  }

  /** Derivative of {@link #value} with respect to the policy's log-probability. */
  public double derivative(double logRatio) {
    return switch (this) {
      case OFF -> 0;
      case K1 -> 1;
      case K2 -> logRatio;
      case K3 -> Math.abs(logRatio) > MAX_LOG_RATIO ? 0 : -Math.expm1(-logRatio);
    };
  }
}
