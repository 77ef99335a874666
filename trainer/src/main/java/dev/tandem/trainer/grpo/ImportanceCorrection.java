package dev.tandem.trainer.grpo;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;

/**
 * Weights against the gap between the sampler and the trainer, which may disagree about the
 * log-probability of one token under one set of weights: {@code exp(clamp(logp_trainer -
 * logp_sampler, -20, 20))}, bounded.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ImportanceCorrection.None.class, name = "none"),
  @JsonSubTypes.Type(value = ImportanceCorrection.Truncated.class, name = "truncated"),
  @JsonSubTypes.Type(value = ImportanceCorrection.Masked.class, name = "masked")
})
public sealed interface ImportanceCorrection {
  /** The cap that is used where a recipe names none. */
  double DEFAULT_CAP = 2;

  /**
   * The weight of every token: {@code [tokens]}, or null when none is to be weighted.
   *
   * @param trainerLogProbs {@code [tokens]} behaviour log-probabilities as the trainer computes
   *     them
   * @param samplerLogProbs {@code [tokens]} log-probabilities the sampler reported
   */
  default double @Nullable [] weights(double[] trainerLogProbs, double[] samplerLogProbs) {
    PolicyBatch.requireLength("samplerLogProbs", samplerLogProbs.length, trainerLogProbs.length);
    if (this instanceof None) {
      return null;
    }
    double[] weights = new double[trainerLogProbs.length];
    for (int token = 0; token < weights.length; token++) {
      double ratio = Math.exp(Math.clamp(trainerLogProbs[token] - samplerLogProbs[token], -20, 20));
      weights[token] = bound(ratio);
    }
    return weights;
  }

  /** The weight a ratio stands for. */
  double bound(double ratio);

  private static void requireCap(double cap) {
    if (!(cap >= 1 && Double.isFinite(cap))) {
      throw new IllegalArgumentException(
          "importance cap must be finite and at least 1, was " + cap);
    }
  }

  /** Trusts the sampler, as the in-process one deserves. */
  record None() implements ImportanceCorrection {
    @Override
    public double bound(double ratio) {
      return 1;
    }
  }

  /**
   * Ratios above the cap count as the cap.
   *
   * @param cap at least 1
   */
  record Truncated(@JsonProperty("cap") double cap) implements ImportanceCorrection {
    /** Checks the range. */
    public Truncated {
      requireCap(cap);
    }

    @JsonCreator
    static Truncated of(@JsonProperty("cap") @Nullable Double cap) {
      return new Truncated(cap == null ? DEFAULT_CAP : cap);
    }

    @Override
    public double bound(double ratio) {
      return Math.min(ratio, cap);
    }
  }

  /**
   * Tokens with a ratio above the cap are dropped from the policy loss; denominators keep counting
   * them.
   *
   * @param cap at least 1
   */
  record Masked(@JsonProperty("cap") double cap) implements ImportanceCorrection {
    /** Checks the range. */
    public Masked {
      requireCap(cap);
    }

    @JsonCreator
    static Masked of(@JsonProperty("cap") @Nullable Double cap) {
      return new Masked(cap == null ? DEFAULT_CAP : cap);
    }

    @Override
    public double bound(double ratio) {
      return ratio > cap ? 0 : ratio;
    }
  }
}
