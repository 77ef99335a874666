package dev.tandem.aegis.screen;

/**
 * How effects are estimated.
 *
 * @param decay weight that a round's evidence keeps when the next one comes, in (0, 1]: the model
 *     that plays moves on, so old evidence fades
 * @param memory rounds of evidence that are looked at, at least 1
 * @param effectScale prior guess of the standard deviation of levers' effects, above 0
 * @param clusterScale prior guess of the standard deviation of a cluster's effect around the
 *     lever's, above 0; also the least it is ever taken to be, so that harm confined to a cluster
 *     is never ruled out by assumption
 * @param interactions most pairs of levers that join as factors of their own, at least 0
 */
public record EffectSettings(
    double decay, int memory, double effectScale, double clusterScale, int interactions) {
  public static final EffectSettings DEFAULTS = new EffectSettings(0.95, 20, 0.05, 0.03, 4);

  /** Expects clusters to differ, for when harm to any of them has to be ruled out. */
  public static final EffectSettings SCEPTICAL = new EffectSettings(0.95, 20, 0.05, 0.06, 4);

  /** The same, expecting clusters to differ twice as much. */
  public EffectSettings sceptical() {
    return new EffectSettings(decay, memory, effectScale, 2 * clusterScale, interactions);
  }

  public EffectSettings {
    if (!(decay > 0 && decay <= 1)) {
      throw new IllegalArgumentException("decay must be above 0 and at most 1, was " + decay);
    }
    if (memory < 1) {
      throw new IllegalArgumentException("memory must be at least 1 round, was " + memory);
    }
    if (!(effectScale > 0 && clusterScale > 0)) {
      throw new IllegalArgumentException(
          "effect and cluster scales must be above 0, were %s and %s"
              .formatted(effectScale, clusterScale));
    }
    if (interactions < 0) {
      throw new IllegalArgumentException("interactions must be at least 0, was " + interactions);
    }
  }
}
