package dev.tandem.trainer.grpo;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What becomes of episodes that come near one of their limits, or reach it. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = OverlongShaping.Off.class, name = "off"),
  @JsonSubTypes.Type(value = OverlongShaping.Penalty.class, name = "penalty"),
  @JsonSubTypes.Type(value = OverlongShaping.Excluded.class, name = "excluded")
})
public sealed interface OverlongShaping {
  /** The verifier's word stands. */
  record Off() implements OverlongShaping {}

  /**
   * An episode whose length is in the last part before the limit loses reward, linearly up to
   * {@code weight} at the limit (soft overlong punishment; DAPO, arXiv 2503.14476, Eq. 13).
   *
   * @param measure which limit
   * @param buffer how long that last part is, in steps or tokens, at least 1
   * @param weight what is lost at the limit, above 0
   */
  record Penalty(
      @JsonProperty("measure") Measure measure,
      @JsonProperty("buffer") int buffer,
      @JsonProperty("weight") double weight)
      implements OverlongShaping {
    /** Checks the ranges. */
    public Penalty {
      if (buffer < 1) {
        throw new IllegalArgumentException(
            "overlong buffer must be at least 1 of the %s before the limit, was %d"
                .formatted(measure == Measure.STEPS ? "steps" : "tokens", buffer));
      }
      if (!(weight > 0 && Double.isFinite(weight))) {
        throw new IllegalArgumentException(
            "overlong weight must be finite and above 0, was " + weight);
      }
    }

    @JsonCreator
    static Penalty of(
        @JsonProperty("measure") @Nullable Measure measure,
        @JsonProperty("buffer") @Nullable Integer buffer,
        @JsonProperty("weight") @Nullable Double weight) {
      return new Penalty(
          Objects.requireNonNullElse(measure, Measure.STEPS),
          Objects.requireNonNullElse(buffer, 0),
          Objects.requireNonNullElse(weight, 1.0));
    }

    /** What an episode of so many steps or tokens loses, in [0, weight]. */
    public double of(long used, long limit) {
      return weight * Math.clamp((double) (used - (limit - buffer)) / buffer, 0, 1);
    }
  }

  /**
   * An episode that a limit cut off counts in its group's mean and is not trained on (overlong
   * filtering in the same paper): whether it would have succeeded is not known.
   */
  record Excluded() implements OverlongShaping {}

  /** What is limited. */
  enum Measure {
    /** Actions, by the task's own limit. */
    @JsonProperty("steps")
    STEPS,
    /** Prompt and response tokens of all model calls, by the episode's budget. */
    @JsonProperty("tokens")
    TOKENS
  }
}
