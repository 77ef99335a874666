package dev.tandem.harness.event;

import java.time.Duration;

/**
 * Limits of an episode. They belong to the episode and not to its harness: a swap changes nothing
 * about them.
 *
 * @param steps environment actions
 * @param modelCallsPerStep first call and retries of one step
 * @param tokens prompt and response tokens over the episode
 * @param money cost of all model calls, in the currency of the prices
 * @param wallTime time from reset on, by the harness's clock; checked between steps
 * @param swaps harness versions that may be swapped in
 */
public record Budget(
    int steps, int modelCallsPerStep, long tokens, double money, Duration wallTime, int swaps) {
  private static final int DEFAULT_SWAPS = 4;

  /** How a limit looks that limits nothing; one model call a step, no swaps. */
  public static final Budget UNLIMITED =
      new Budget(
          Integer.MAX_VALUE,
          1,
          Long.MAX_VALUE,
          Double.POSITIVE_INFINITY,
          Duration.ofSeconds(Long.MAX_VALUE),
          0);

  public Budget {
    if (steps < 1 || modelCallsPerStep < 1 || tokens < 1) {
      throw new IllegalArgumentException(
          "steps, model calls per step and tokens of a budget must be at least 1, were %d, %d and %d"
              .formatted(steps, modelCallsPerStep, tokens));
    }
    if (!(money > 0)) {
      throw new IllegalArgumentException("money of a budget must be above 0, was " + money);
    }
    if (!wallTime.isPositive()) {
      throw new IllegalArgumentException("wall time of a budget must be above 0, was " + wallTime);
    }
    if (swaps < 0) {
      throw new IllegalArgumentException("swaps of a budget must be at least 0, was " + swaps);
    }
  }

  /** A budget of steps and tokens; money and wall time are not limited. */
  public Budget(int steps, int modelCallsPerStep, long tokens) {
    this(
        steps,
        modelCallsPerStep,
        tokens,
        Double.POSITIVE_INFINITY,
        Duration.ofSeconds(Long.MAX_VALUE),
        DEFAULT_SWAPS);
  }
}
