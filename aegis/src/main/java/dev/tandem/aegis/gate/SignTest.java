package dev.tandem.aegis.gate;

import org.apache.commons.math3.special.Beta;

/**
 * The sign test as a bet. Of the pairs in which exactly one arm succeeds, the other pairs saying
 * nothing, let q be the chance that it is the first arm. Against "q is at most 1/2" one may bet at
 * odds that assume q = t > 1/2: the capital is multiplied by 2t after a win and by 2(1 - t) after a
 * loss, and is a supermartingale for every such t. Mixed over t uniform on (1/2, 1], as is done
 * here, it needs no guess of the effect. By Ville's inequality the capital ever reaches 1/alpha
 * with probability at most alpha if there is no gain, so one may look after every batch and stop at
 * will.
 *
 * <p>Robbins, "Statistical methods related to the law of the iterated logarithm", Annals of
 * Mathematical Statistics 41 (1970); Ramdas, Grünwald, Vovk and Shafer, "Game-theoretic statistics
 * and safe anytime-valid inference", Statistical Science 38 (2023).
 */
public final class SignTest {
  private SignTest() {}

  /**
   * Natural logarithm of the capital after so many pairs that went as the bet says and so many that
   * did not, from a capital of 1: {@code ln(2^(n+1) * integral from 1/2 to 1 of t^hits (1-t)^misses
   * dt)}.
   */
  public static double logCapital(int hits, int misses) {
    double tail = Beta.regularizedBeta(0.5, misses + 1.0, hits + 1.0);
    return (hits + misses + 1) * Math.log(2)
        + Beta.logBeta(hits + 1.0, misses + 1.0)
        + Math.log(tail);
  }

  /** Whether the capital is at least 1 / level. */
  public static boolean rejects(int hits, int misses, double level) {
    return logCapital(hits, misses) >= -Math.log(level);
  }

  /**
   * Predictive probability that so many more discordant pairs bring the capital to 1 / level by
   * their end, with q uniform beforehand and learnt from what was seen.
   */
  public static double chanceToReject(int hits, int misses, int more, double level) {
    double prior = Beta.logBeta(hits + 1.0, misses + 1.0);
    double logChoose = 0;
    double chance = 0;
    for (int won = 0; won <= more; won++) {
      if (won > 0) {
        logChoose += Math.log(more - won + 1.0) - Math.log(won);
      }
      if (rejects(hits + won, misses + more - won, level)) {
        chance +=
            Math.exp(logChoose + Beta.logBeta(hits + won + 1.0, misses + more - won + 1.0) - prior);
      }
    }
    return chance;
  }
}
