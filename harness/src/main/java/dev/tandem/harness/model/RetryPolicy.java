package dev.tandem.harness.model;

import dev.tandem.harness.model.Model.FailureKind;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/** What is done about a model's failure, by its kind; kinds that are not named are not retried. */
public record RetryPolicy(Map<FailureKind, Retry> byKind) {
  /**
   * Patience with limits of rate and capacity, a short one with the network, one more try for what
   * cannot be read; what was rejected will be rejected again.
   */
  public static final RetryPolicy DEFAULT =
      new RetryPolicy(
          Map.of(
              FailureKind.RATE_LIMITED,
              new Retry(6, Duration.ofSeconds(2), 2, Duration.ofMinutes(1)),
              FailureKind.OVERLOADED,
              new Retry(5, Duration.ofSeconds(2), 2, Duration.ofMinutes(1)),
              FailureKind.TIMEOUT,
              new Retry(2, Duration.ofSeconds(1), 1, Duration.ofSeconds(1)),
              FailureKind.CONNECTION,
              new Retry(3, Duration.ofMillis(500), 2, Duration.ofSeconds(5)),
              FailureKind.INVALID_RESPONSE,
              new Retry(2, Duration.ZERO, 1, Duration.ZERO)));

  public RetryPolicy {
    Map<FailureKind, Retry> copy = new EnumMap<>(FailureKind.class);
    copy.putAll(byKind);
    byKind = Collections.unmodifiableMap(copy);
  }

  /** How failures of this kind are retried. */
  public Retry of(FailureKind kind) {
    return byKind.getOrDefault(kind, Retry.NEVER);
  }
}
