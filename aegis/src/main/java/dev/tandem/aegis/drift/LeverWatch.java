package dev.tandem.aegis.drift;

import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.Effect;
import dev.tandem.aegis.screen.EffectModel;
import dev.tandem.aegis.screen.EffectSettings;
import dev.tandem.aegis.screen.Evidence;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.aegis.screen.Posterior;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Watches the incumbent's levers by concurrent controls: in some arms of every round each of them
 * is switched off, so that a lever is held against its own absence at the same tasks and with the
 * same model, and a change of the model or of the tasks is never taken for one of the lever. What
 * was good once may turn bad as the model learns, and old evidence would hide that for long; so
 * only the last few rounds are looked at, through windows of each length up to the longest. Each
 * lever and window has its share of the error that a round may make (Bonferroni).
 */
public final class LeverWatch {
  private final LeverWatchSettings settings;

  public LeverWatch(LeverWatchSettings settings) {
    this.settings = settings;
  }

  /**
   * A lever that has turned harmful.
   *
   * @param effect of having it, in the window
   * @param window rounds looked at
   */
  public record Alarm(Factor factor, Lever lever, Effect effect, int window) {}

  /** The incumbent's levers to take out, in order of factors. */
  public List<Alarm> alarms(
      Assignment incumbent, Collection<Factor> factors, Evidence evidence, int round) {
    List<Alarm> alarms = new ArrayList<>();
    if (incumbent.levels().isEmpty()) {
      return alarms;
    }
    double bar = settings.risk() / (incumbent.levels().size() * settings.window());
    List<Posterior> windows = new ArrayList<>();
    for (int window = 1; window <= settings.window(); window++) {
      windows.add(
          EffectModel.fit(
              evidence.since(round - window + 1),
              factors,
              round,
              new EffectSettings(1, window, settings.scale(), settings.scale(), 0)));
    }
    for (Factor factor : factors) {
      String level = incumbent.level(factor);
      if (!level.equals(factor.reference())) {
        Assignment without = incumbent.with(factor, factor.reference());
        for (int i = 0; i < windows.size(); i++) {
          Effect effect = windows.get(i).effect(without, incumbent);
          if (effect.probabilityAbove(0) < bar) {
            alarms.add(new Alarm(factor, new Lever(factor.id(), level), effect, i + 1));
            break;
          }
        }
      }
    }
    return alarms;
  }
}
