package dev.tandem.aegis.gate;

/**
 * What gate episodes a run may play. Every round adds its allowance; what is not spent is saved, so
 * that rare tests of whole bundles can be large.
 *
 * @param episodesPerRound allowance, at least 0
 * @param spent episodes that tests have played so far
 */
public record GateBudget(int episodesPerRound, int spent) {
  public GateBudget {
    if (episodesPerRound < 0 || spent < 0) {
      throw new IllegalArgumentException(
          "a gate budget must be at least 0, was %d with %d spent"
              .formatted(episodesPerRound, spent));
    }
  }

  /** Pairs that may be played once so many rounds have been completed. */
  public int pairs(int rounds) {
    return Math.max(0, (episodesPerRound * rounds - spent) / 2);
  }

  public GateBudget after(int episodes) {
    return new GateBudget(episodesPerRound, spent + episodes);
  }
}
