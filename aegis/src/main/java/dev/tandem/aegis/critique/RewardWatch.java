package dev.tandem.aegis.critique;

import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.Effect;
import dev.tandem.aegis.screen.EffectModel;
import dev.tandem.aegis.screen.EffectSettings;
import dev.tandem.aegis.screen.Evidence;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.aegis.screen.Measure;
import dev.tandem.aegis.screen.Posterior;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * Watches for levers that game the verifier instead of solving tasks: those that bring signs of
 * gaming, such as episodes that a laxer verifier accepts and the strict one fails, and those of
 * whose gain by the laxer verifier less than half is one by the strict verifier. (A laxer verifier
 * gives credit for parts of a goal, and honest levers bring such credit, too.) They are measured as
 * success is, by all episodes of recent rounds, so that a lever that merely played beside a gaming
 * one is not blamed for it.
 */
public final class RewardWatch {
  /** Chance above which a lever brings what is suspicious. */
  private static final double SURE = 0.95;

  private final EffectSettings settings;

  /**
   * @param effects how what levers do is estimated
   */
  public RewardWatch(EffectSettings effects) {
    this.settings =
        new EffectSettings(
            effects.decay(), effects.memory(), effects.effectScale(), effects.clusterScale(), 0);
  }

  /**
   * A lever that games the verifier.
   *
   * @param reason in words
   */
  public record Suspicion(Lever lever, String reason) {}

  /** Levers that must not ship; those of the incumbent itself are held against their absence. */
  public List<Suspicion> suspicions(
      Assignment incumbent, Collection<Factor> factors, Evidence evidence, int round) {
    List<Suspicion> found = new ArrayList<>();
    boolean exploited = evidence.exploits() > 0;
    boolean differs = evidence.verdictsDiffer();
    if (!exploited && !differs) {
      return found;
    }
    Posterior exploits = fit(evidence, factors, round, Measure.EXPLOITS);
    Posterior lenient = fit(evidence, factors, round, Measure.LENIENT);
    Posterior unmatched = fit(evidence, factors, round, Measure.UNMATCHED);
    Posterior strict = fit(evidence, factors, round, Measure.SUCCESS);
    for (Factor factor : factors) {
      for (String level : factor.levels()) {
        boolean inForce = incumbent.level(factor).equals(level);
        if (inForce && level.equals(factor.reference())) {
          continue;
        }
        Assignment without = inForce ? incumbent.with(factor, factor.reference()) : incumbent;
        Assignment with = incumbent.with(factor, level);
        Effect flags = exploits.effect(without, with);
        Effect lax = lenient.effect(without, with);
        if (exploited && flags.probabilityAbove(0) > SURE) {
          found.add(
              new Suspicion(
                  new Lever(factor.id(), level),
                  text("it brings %.1f more signs of gaming in 100 episodes", flags)));
        } else if (differs
            && lax.probabilityAbove(0) > SURE
            && unmatched.effect(without, with).probabilityAbove(0) > SURE) {
          found.add(
              new Suspicion(
                  new Lever(factor.id(), level),
                  text("it brings %+.1f points by the lenient verifier", lax)
                      + text(" and only %+.1f by the strict one", strict.effect(without, with))));
        }
      }
    }
    return found;
  }

  private Posterior fit(Evidence evidence, Collection<Factor> factors, int round, Measure measure) {
    return EffectModel.fit(evidence, factors, round, settings, measure);
  }

  private static String text(String format, Effect effect) {
    return String.format(Locale.ROOT, format, 100 * effect.mean());
  }
}
