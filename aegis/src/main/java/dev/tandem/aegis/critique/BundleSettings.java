package dev.tandem.aegis.critique;

/**
 * When a change joins a bundle.
 *
 * @param helps least chance that it helps, given the rest of the bundle, in (0, 1)
 * @param margin loss of success in one cluster that must not be risked, above 0
 * @param risk most chance that it loses more than the margin in a cluster, in (0, 1)
 * @param failures chance that it makes infrastructure failures more frequent above which it is left
 *     out, in (0, 1)
 */
public record BundleSettings(double helps, double margin, double risk, double failures) {
  public static final BundleSettings DEFAULTS = new BundleSettings(0.8, 0.05, 0.2, 0.99);

  public BundleSettings {
    if (!(helps > 0 && helps < 1 && risk > 0 && risk < 1 && failures > 0 && failures < 1)) {
      throw new IllegalArgumentException(
          "helps %s, risk %s and failures %s must be between 0 and 1"
              .formatted(helps, risk, failures));
    }
    if (!(margin > 0)) {
      throw new IllegalArgumentException("margin must be above 0, was " + margin);
    }
  }
}
