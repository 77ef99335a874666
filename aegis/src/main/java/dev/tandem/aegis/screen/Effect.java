package dev.tandem.aegis.screen;

import org.apache.commons.math3.special.Erf;

/**
 * What a change does to the chance of success, as far as is known: a normal distribution.
 *
 * @param mean in probability of success, so that 0.05 are five points
 * @param deviation standard deviation, at least 0
 */
public record Effect(double mean, double deviation) {
  /** Probability that the effect is larger than this. */
  public double probabilityAbove(double value) {
    if (deviation == 0) {
      return mean > value ? 1 : 0;
    }
    return 0.5 * Erf.erfc((value - mean) / (deviation * Math.sqrt(2)));
  }

  /** Probability that the effect is smaller than this. */
  public double probabilityBelow(double value) {
    return 1 - probabilityAbove(value);
  }

  /** Lower end of the central interval with this probability. */
  public double low(double probability) {
    return mean - deviation * Math.sqrt(2) * Erf.erfInv(probability);
  }

  /** Upper end of the central interval with this probability. */
  public double high(double probability) {
    return mean + deviation * Math.sqrt(2) * Erf.erfInv(probability);
  }
}
