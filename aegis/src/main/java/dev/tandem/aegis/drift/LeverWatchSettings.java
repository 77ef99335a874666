package dev.tandem.aegis.drift;

/**
 * When a lever of the incumbent is taken out.
 *
 * @param window most rounds that are looked at together, at least 1
 * @param certainty chance of harm that raises the alarm, in (0.5, 1)
 * @param scale prior guess of how large effects are, above 0
 */
public record LeverWatchSettings(int window, double certainty, double scale) {
  public static final LeverWatchSettings DEFAULTS = new LeverWatchSettings(3, 0.998, 0.1);

  public LeverWatchSettings {
    if (window < 1) {
      throw new IllegalArgumentException("window must be at least 1 round, was " + window);
    }
    if (!(certainty > 0.5 && certainty < 1)) {
      throw new IllegalArgumentException(
          "certainty must be above 0.5 and below 1, was " + certainty);
    }
    if (!(scale > 0)) {
      throw new IllegalArgumentException("scale must be above 0, was " + scale);
    }
  }
}
