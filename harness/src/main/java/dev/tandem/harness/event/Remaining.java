package dev.tandem.harness.event;

import java.time.Duration;

/**
 * What is left of an episode's budget; {@link Budget#UNLIMITED} tells how no limit looks.
 *
 * @param steps environment actions, the coming one included
 * @param tokens prompt and response tokens
 * @param money in the currency of the prices
 * @param time wall time
 */
public record Remaining(int steps, long tokens, double money, Duration time) {
  /** With no other limit than that of the steps. */
  static Remaining ofSteps(int steps) {
    return new Remaining(
        steps, Long.MAX_VALUE, Double.POSITIVE_INFINITY, Budget.UNLIMITED.wallTime());
  }
}
