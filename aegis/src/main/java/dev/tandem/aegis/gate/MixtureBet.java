package dev.tandem.aegis.gate;

import org.apache.commons.math3.special.Beta;

/**
 * A sign test that puts half of its capital where the gain is predicted and spreads the other half
 * as {@link SignTest} does. Of the pairs that exactly one arm solves let q be the share that the
 * candidate wins. Against "q is at most 1/2" the capital of a bet at any t above 1/2, multiplied by
 * 2t after a win and 2(1 - t) after a loss, is a supermartingale, and so is every mixture of such
 * bets whose weights and places were fixed before the first pair. By Ville's inequality it ever
 * reaches 1/alpha with probability at most alpha if there is no gain, however often one looks and
 * whenever one stops. A good prediction saves pairs; a bad one costs at most ln 2 of evidence.
 *
 * <p>Ville, "Étude critique de la notion de collectif" (1939); Waudby-Smith and Ramdas, "Estimating
 * means of bounded random variables by betting", JRSS B 86 (2024); Shafer, "Testing by betting",
 * JRSS A 184 (2021).
 *
 * @param winShare where the bet is placed, in [0.5, 1)
 */
public record MixtureBet(double winShare) {
  public MixtureBet {
    if (!(winShare >= 0.5 && winShare < 1)) {
      throw new IllegalArgumentException(
          "a bet on a gain must be placed from 0.5 to below 1, was " + winShare);
    }
  }

  /** Natural logarithm of the capital after so many wins and losses, from a capital of 1. */
  public double logCapital(int wins, int losses) {
    double placed = wins * Math.log(2 * winShare) + losses * Math.log(2 * (1 - winShare));
    double spread = SignTest.logCapital(wins, losses);
    double larger = Math.max(placed, spread);
    return larger + Math.log((Math.exp(placed - larger) + Math.exp(spread - larger)) / 2);
  }

  /** Whether the capital is at least 1 / level. */
  public boolean rejects(int wins, int losses, double level) {
    return logCapital(wins, losses) >= -Math.log(level);
  }

  /**
   * Predictive probability that so many more discordant pairs bring the capital to 1 / level by
   * their end, with q uniform beforehand and learnt from what was seen.
   */
  double chanceToReject(int wins, int losses, int more, double level) {
    double prior = Beta.logBeta(wins + 1.0, losses + 1.0);
    double logChoose = 0;
    double chance = 0;
    for (int won = 0; won <= more; won++) {
      if (won > 0) {
        logChoose += Math.log(more - won + 1.0) - Math.log(won);
      }
      if (rejects(wins + won, losses + more - won, level)) {
        chance +=
            Math.exp(logChoose + Beta.logBeta(wins + won + 1.0, losses + more - won + 1.0) - prior);
      }
    }
    return chance;
  }

  /**
   * Chance that so many discordant pairs bring the capital to 1 / level by their end if the
   * prediction is right: what a test is worth before it is paid for.
   */
  public double power(int discordant, double level) {
    double logChoose = 0;
    double chance = 0;
    for (int won = 0; won <= discordant; won++) {
      if (won > 0) {
        logChoose += Math.log(discordant - won + 1.0) - Math.log(won);
      }
      if (rejects(won, discordant - won, level)) {
        chance +=
            Math.exp(
                logChoose + won * Math.log(winShare) + (discordant - won) * Math.log(1 - winShare));
      }
    }
    return chance;
  }
}
