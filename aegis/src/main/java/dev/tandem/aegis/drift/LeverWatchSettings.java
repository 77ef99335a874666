package dev.tandem.aegis.drift;

/**
 * When a lever of the incumbent is taken out.
 *
 * @param window most rounds that are looked at together, at least 1
 * @param risk chance, per round, of taking anything out of a version that is as good as without it,
 *     shared among all levers and windows; in (0, 0.5)
 * @param scale prior guess of how large effects are, above 0
 */
public record LeverWatchSettings(int window, double risk, double scale) {
  public static final LeverWatchSettings DEFAULTS = new LeverWatchSettings(3, 0.003, 0.1);

  public LeverWatchSettings {
    if (window < 1) {
      throw new IllegalArgumentException("window must be at least 1 round, was " + window);
    }
    if (!(risk > 0 && risk < 0.5)) {
      throw new IllegalArgumentException("risk must be above 0 and below 0.5, was " + risk);
    }
    if (!(scale > 0)) {
      throw new IllegalArgumentException("scale must be above 0, was " + scale);
    }
  }
}
