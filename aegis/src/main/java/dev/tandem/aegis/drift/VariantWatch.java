package dev.tandem.aegis.drift;

import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.ClusterSet;
import dev.tandem.aegis.screen.Effect;
import dev.tandem.aegis.screen.EffectModel;
import dev.tandem.aegis.screen.EffectSettings;
import dev.tandem.aegis.screen.Evidence;
import dev.tandem.aegis.screen.Factor;
import java.util.Collection;

/**
 * Holds a variant against the default on the variant's own tasks, where the default plays in an arm
 * of every task: what a variant was worth when it forked is no reason to keep it.
 */
public final class VariantWatch {
  private final LeverWatchSettings settings;

  public VariantWatch(LeverWatchSettings settings) {
    this.settings = settings;
  }

  /** What the variant brings over the default, by the episodes of the last rounds alone. */
  public Effect worth(
      Assignment base,
      Assignment variant,
      ClusterSet clusters,
      Collection<Factor> factors,
      Evidence evidence,
      int round) {
    return EffectModel.fit(
            evidence.within(clusters).since(round - settings.window() + 1),
            factors,
            round,
            new EffectSettings(1, settings.window(), settings.scale(), settings.scale(), 0))
        .effect(base, variant);
  }
}
