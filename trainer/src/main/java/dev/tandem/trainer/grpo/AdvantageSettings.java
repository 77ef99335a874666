package dev.tandem.trainer.grpo;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How advantages are estimated.
 *
 * @param estimator the formula
 * @param groupBy what is compared with what
 * @param epsilon added to standard deviations, above 0
 * @param harnessShrinkage pseudo-count k of {@link GroupBy#TASK_RESIDUAL}: a harness with n
 *     trajectories has its mean deviation weighted by {@code n / (n + k)}; at least 0, and the
 *     other groupings do not read it
 */
public record AdvantageSettings(
    @JsonProperty("estimator") AdvantageEstimator estimator,
    @JsonProperty("group_by") GroupBy groupBy,
    @JsonProperty("epsilon") double epsilon,
    @JsonProperty("harness_shrinkage") double harnessShrinkage) {
  /** GRPO over all attempts at a task. */
  public static final AdvantageSettings DEFAULTS =
      new AdvantageSettings(AdvantageEstimator.GRPO, GroupBy.TASK, 1e-6, 8);

  /** Checks the ranges. */
  public AdvantageSettings {
    if (!(epsilon > 0 && Double.isFinite(epsilon))) {
      throw new IllegalArgumentException(
          "advantage epsilon must be finite and above 0, was " + epsilon);
    }
    if (!(harnessShrinkage >= 0 && Double.isFinite(harnessShrinkage))) {
      throw new IllegalArgumentException(
          "harness shrinkage must be finite and at least 0, was " + harnessShrinkage);
    }
  }

  @JsonCreator
  static AdvantageSettings of(
      @JsonProperty("estimator") @Nullable AdvantageEstimator estimator,
      @JsonProperty("group_by") @Nullable GroupBy groupBy,
      @JsonProperty("epsilon") @Nullable Double epsilon,
      @JsonProperty("harness_shrinkage") @Nullable Double harnessShrinkage) {
    return new AdvantageSettings(
        Objects.requireNonNullElse(estimator, DEFAULTS.estimator),
        Objects.requireNonNullElse(groupBy, DEFAULTS.groupBy),
        Objects.requireNonNullElse(epsilon, DEFAULTS.epsilon),
        Objects.requireNonNullElse(harnessShrinkage, DEFAULTS.harnessShrinkage));
  }
}
