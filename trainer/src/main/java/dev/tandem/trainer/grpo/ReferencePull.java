package dev.tandem.trainer.grpo;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tandem.kernels.operation.KlEstimator;
import dev.tandem.kernels.operation.KlPenalty;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The pull towards the reference policy, {@code coefficient * KL(pi || pi_ref)} (Eq. 4, 5).
 *
 * @param estimator how the KL is estimated
 * @param coefficient its weight in the loss, at least 0; 0 exactly when the estimator is off
 */
public record ReferencePull(
    @JsonProperty("estimator") Estimator estimator,
    @JsonProperty("coefficient") double coefficient) {
  /** No penalty. */
  public static final ReferencePull OFF = new ReferencePull(Estimator.OFF, 0);

  /** Checks that the two agree. */
  public ReferencePull {
    if (!(coefficient >= 0 && Double.isFinite(coefficient))) {
      throw new IllegalArgumentException(
          "KL coefficient must be finite and at least 0, was " + coefficient);
    }
    if (estimator == Estimator.OFF && coefficient > 0) {
      throw new IllegalArgumentException(
          "KL coefficient %s has no effect while the estimator is off: choose k1, k2 or k3"
              .formatted(coefficient));
    }
    if (estimator != Estimator.OFF && coefficient == 0) {
      throw new IllegalArgumentException(
          "KL estimator %s has no effect with coefficient 0: raise it or choose off"
              .formatted(estimator));
    }
  }

  @JsonCreator
  static ReferencePull of(
      @JsonProperty("estimator") @Nullable Estimator estimator,
      @JsonProperty("coefficient") @Nullable Double coefficient) {
    return new ReferencePull(
        Objects.requireNonNullElse(estimator, OFF.estimator),
        Objects.requireNonNullElse(coefficient, OFF.coefficient));
  }

  /** Whether there is a penalty. */
  public boolean pulls() {
    return estimator != Estimator.OFF;
  }

  /** The same as the kernels take it; with the estimator off they only measure, by k3. */
  KlPenalty toKernels() {
    return switch (estimator) {
      case OFF -> KlPenalty.MEASURED;
      case K1 -> new KlPenalty(KlEstimator.K1, coefficient);
      case K2 -> new KlPenalty(KlEstimator.K2, coefficient);
      case K3 -> new KlPenalty(KlEstimator.K3, coefficient);
    };
  }

  /**
   * Estimators of KL(pi || pi_ref) from one sampled token, functions of {@code d = logp - logp_ref}
   * (J. Schulman, "Approximating KL divergence", 2020).
   */
  public enum Estimator {
    /** No penalty. */
    @JsonProperty("off")
    OFF,
    /**
     * {@code d}: unbiased as a value; as a loss its gradient has mean 0, so that it hardly
     * restrains.
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
}
