package dev.tandem.harness.model;

import java.time.Duration;

/**
 * How often a call is made again and after which waits: {@code first}, then {@code factor} times
 * longer each time, at most {@code longest}.
 *
 * @param attempts calls in all, the first included
 */
public record Retry(int attempts, Duration first, double factor, Duration longest) {
  /** Once and not again. */
  public static final Retry NEVER = new Retry(1, Duration.ZERO, 1, Duration.ZERO);

  public Retry {
    if (attempts < 1) {
      throw new IllegalArgumentException("attempts must be at least 1, was " + attempts);
    }
    if (!(factor >= 1)) {
      throw new IllegalArgumentException("factor must be at least 1, was " + factor);
    }
    if (first.isNegative() || longest.compareTo(first) < 0) {
      throw new IllegalArgumentException(
          "waits must not be negative and the longest not below the first, were %s and %s"
              .formatted(first, longest));
    }
  }

  /**
   * The wait before another attempt.
   *
   * @param failures attempts made so far, at least 1
   */
  public Duration before(int failures) {
    double seconds = toSeconds(first) * Math.pow(factor, failures - 1);
    return seconds >= toSeconds(longest) ? longest : Duration.ofNanos(Math.round(seconds * 1e9));
  }

  private static double toSeconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
