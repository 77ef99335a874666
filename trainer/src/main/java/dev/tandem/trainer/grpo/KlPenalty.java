package dev.tandem.trainer.grpo;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The pull towards the reference policy, {@code coefficient * KL(pi || pi_ref)} (Eq. 4, 5).
 *
 * @param estimator how the KL is estimated
 * @param coefficient its weight in the loss, at least 0; 0 exactly when the estimator is off
 */
public record KlPenalty(
    @JsonProperty("estimator") KlEstimator estimator,
    @JsonProperty("coefficient") double coefficient) {
  /** No penalty. */
  public static final KlPenalty OFF = new KlPenalty(KlEstimator.OFF, 0);

  /** Checks that the two agree. */
  public KlPenalty {
    if (!(coefficient >= 0 && Double.isFinite(coefficient))) {
      throw new IllegalArgumentException(
          "KL coefficient must be finite and at least 0, was " + coefficient);
    }
    if (estimator == KlEstimator.OFF && coefficient > 0) {
      throw new IllegalArgumentException(
          "KL coefficient %s has no effect while the estimator is off: choose k1, k2 or k3"
              .formatted(coefficient));
    }
    if (estimator != KlEstimator.OFF && coefficient == 0) {
      throw new IllegalArgumentException(
          "KL estimator %s has no effect with coefficient 0: raise it or choose off"
              .formatted(estimator));
    }
  }

  @JsonCreator
  static KlPenalty of(
      @JsonProperty("estimator") @Nullable KlEstimator estimator,
      @JsonProperty("coefficient") @Nullable Double coefficient) {
    return new KlPenalty(
        Objects.requireNonNullElse(estimator, OFF.estimator),
        Objects.requireNonNullElse(coefficient, OFF.coefficient));
  }
}
