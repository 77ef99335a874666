package dev.tandem.trainer.grpo;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When a round's steps have led far enough from the policy that played. What is above a bound is
 * measured on the batch of the next step, before it is taken (as PPO's target KL is, Spinning Up).
 *
 * @param kl most k3 estimate of KL(behaviour || policy), nats a token; null for no bound
 * @param clipFraction most share of tokens whose ratio is out of bounds; null for no bound
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EarlyStop(
    @JsonProperty("kl") @Nullable Double kl,
    @JsonProperty("clip_fraction") @Nullable Double clipFraction) {
  /** All steps are taken. */
  public static final EarlyStop NEVER = new EarlyStop(null, null);

  /** Checks the ranges. */
  public EarlyStop {
    if (kl != null && !(kl > 0 && Double.isFinite(kl))) {
      throw new IllegalArgumentException(
          "kl must be finite and above 0, was %s; leave it out for no bound".formatted(kl));
    }
    if (clipFraction != null && !(clipFraction > 0 && clipFraction < 1)) {
      throw new IllegalArgumentException(
          "clip fraction must be above 0 and below 1, was %s; leave it out for no bound"
              .formatted(clipFraction));
    }
  }

  /** Why a step with these metrics is not to be taken; empty if it is. */
  public Optional<String> reason(PolicyMetrics metrics) {
    return above("the KL to behaviour", metrics.approximateKl(), kl)
        .or(() -> above("the clip fraction", metrics.clipFraction(), clipFraction));
  }

  private static Optional<String> above(String what, double value, @Nullable Double bound) {
    return bound == null || !(value > bound)
        ? Optional.empty()
        : Optional.of(String.format(Locale.ROOT, "%s was %.4g, above %s", what, value, bound));
  }
}
