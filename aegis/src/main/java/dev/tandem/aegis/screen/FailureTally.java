package dev.tandem.aegis.screen;

import org.apache.commons.math3.special.Erf;

/** Infrastructure failures and judged episodes of the arms with a lever and of those without it. */
public record FailureTally(int failedWith, int judgedWith, int failedWithout, int judgedWithout) {
  /**
   * Chance that the lever makes infrastructure failures more frequent, by the normal approximation
   * to two Beta posteriors with Jeffreys' prior.
   */
  public double probabilityWorse() {
    double mean = mean(failedWith, judgedWith) - mean(failedWithout, judgedWithout);
    double variance = variance(failedWith, judgedWith) + variance(failedWithout, judgedWithout);
    return 0.5 * Erf.erfc(-mean / Math.sqrt(2 * variance));
  }

  private static double mean(int failed, int judged) {
    return (failed + 0.5) / (failed + judged + 1.0);
  }

  private static double variance(int failed, int judged) {
    double mean = mean(failed, judged);
    return mean * (1 - mean) / (failed + judged + 2.0);
  }
}
