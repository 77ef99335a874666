package dev.tandem.aegis.route;

/**
 * When a harness forks into variants for some kinds of task, and when a variant goes again.
 *
 * @param most harness versions in force at once, the default among them; 1 for no variants
 * @param worth least gain of success that a fork must promise on its tasks, in (0, 1)
 * @param keep a variant is merged back when its chance of beating the default on its tasks, by the
 *     episodes of the last rounds, falls below this, in (0, 1)
 */
public record VariantSettings(int most, double worth, double keep) {
  public static final VariantSettings DEFAULTS = new VariantSettings(3, 0.05, 0.35);

  public VariantSettings {
    if (most < 1) {
      throw new IllegalArgumentException("most must be at least 1 variant, was " + most);
    }
    if (!(worth > 0 && worth < 1)) {
      throw new IllegalArgumentException("worth must be between 0 and 1, was " + worth);
    }
    if (!(keep > 0 && keep < 1)) {
      throw new IllegalArgumentException("keep must be between 0 and 1, was " + keep);
    }
  }
}
