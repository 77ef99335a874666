package dev.tandem.trainer.grpo;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.tandem.kernels.operation.ClipBounds;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How far the policy may move from the one that sampled, and what happens beyond. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = PolicyLoss.Clipped.class, name = "clipped"),
  @JsonSubTypes.Type(value = PolicyLoss.Gspo.class, name = "gspo"),
  @JsonSubTypes.Type(value = PolicyLoss.Cispo.class, name = "cispo")
})
public sealed interface PolicyLoss {
  /** The interval a ratio is held to. */
  ClipBounds bounds();

  /** Whether it makes a difference what a sequence is. */
  default boolean readsSequences() {
    return switch (this) {
      case Clipped _, Cispo _ -> false;
      case Gspo _ -> true;
    };
  }

  /**
   * The clipped loss per token (Eq. 4) with clip-higher (DAPO, arXiv 2503.14476) and dual clip
   * (arXiv 1912.09729).
   *
   * @param low distance below 1, in [0, 1]
   * @param high distance above 1, at least 0
   * @param dualClip ratio at which a negative advantage stops counting, above 1; infinity switches
   *     it off
   */
  record Clipped(
      @JsonProperty("low") double low,
      @JsonProperty("high") double high,
      @JsonProperty("dual_clip") double dualClip)
      implements PolicyLoss {
    /** The vetted bounds. */
    public static final Clipped DEFAULTS = new Clipped(0.2, 0.28, 3);

    /** Checks the ranges. */
    public Clipped {
      var _ = new ClipBounds(low, high, dualClip);
    }

    @JsonCreator
    static Clipped of(
        @JsonProperty("low") @Nullable Double low,
        @JsonProperty("high") @Nullable Double high,
        @JsonProperty("dual_clip") @Nullable Double dualClip) {
      return new Clipped(
          Objects.requireNonNullElse(low, DEFAULTS.low),
          Objects.requireNonNullElse(high, DEFAULTS.high),
          Objects.requireNonNullElse(dualClip, DEFAULTS.dualClip));
    }

    @Override
    public ClipBounds bounds() {
      return new ClipBounds(low, high, dualClip);
    }
  }

  /**
   * One ratio for a whole sequence, the geometric mean of its tokens' ratios, clipped as a whole
   * (GSPO, arXiv 2507.18071); whether that is a turn or a trajectory, {@link SequenceUnit} says.
   * Importance weights, where there are any, are averaged over the sequence for the same reason.
   *
   * @param low distance below 1, in [0, 1]
   * @param high distance above 1, at least 0
   */
  record Gspo(@JsonProperty("low") double low, @JsonProperty("high") double high)
      implements PolicyLoss {
    /** The published bounds. */
    public static final Gspo DEFAULTS = new Gspo(3e-4, 4e-4);

    /** Checks the ranges. */
    public Gspo {
      var _ = new ClipBounds(low, high, Double.POSITIVE_INFINITY);
    }

    @JsonCreator
    static Gspo of(
        @JsonProperty("low") @Nullable Double low, @JsonProperty("high") @Nullable Double high) {
      return new Gspo(
          Objects.requireNonNullElse(low, DEFAULTS.low),
          Objects.requireNonNullElse(high, DEFAULTS.high));
    }

    @Override
    public ClipBounds bounds() {
      return new ClipBounds(low, high, Double.POSITIVE_INFINITY);
    }
  }

  /**
   * The log-probability weighted by its clipped ratio, which is held constant: no token's gradient
   * is ever dropped (CISPO of MiniMax-M1, arXiv 2506.13585).
   *
   * @param low distance below 1, in [0, 1]
   * @param high distance above 1, at least 0
   */
  record Cispo(@JsonProperty("low") double low, @JsonProperty("high") double high)
      implements PolicyLoss {
    /** No lower bound, and an upper one of 5. */
    public static final Cispo DEFAULTS = new Cispo(1, 4);

    /** Checks the ranges. */
    public Cispo {
      var _ = new ClipBounds(low, high, Double.POSITIVE_INFINITY);
    }

    @JsonCreator
    static Cispo of(
        @JsonProperty("low") @Nullable Double low, @JsonProperty("high") @Nullable Double high) {
      return new Cispo(
          Objects.requireNonNullElse(low, DEFAULTS.low),
          Objects.requireNonNullElse(high, DEFAULTS.high));
    }

    @Override
    public ClipBounds bounds() {
      return new ClipBounds(low, high, Double.POSITIVE_INFINITY);
    }
  }
}
