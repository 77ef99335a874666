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
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

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
   * @param chance that it does
   * @param success what having it does to success, whatever it games
   * @param reason in words
   */
  public record Suspicion(Lever lever, double chance, Effect success, String reason) {}

  /**
   * Levers that must not ship, each once, as it is most suspicious; one that is in force is held
   * against its absence.
   *
   * @param inForce the harnesses of the pool
   */
  public List<Suspicion> suspicions(
      Collection<Assignment> inForce, Collection<Factor> factors, Evidence evidence, int round) {
    if (evidence.exploits() == 0 && !evidence.verdictsDiffer()) {
      return List.of();
    }
    Signs signs = new Signs(evidence, factors, round);
    Map<Lever, Suspicion> worst = new LinkedHashMap<>();
    for (Factor factor : factors) {
      for (String level : factor.levels()) {
        for (Assignment incumbent : inForce) {
          signs
              .of(incumbent, factor, level)
              .ifPresent(
                  one -> worst.merge(one.lever(), one, (a, b) -> b.chance() > a.chance() ? b : a));
        }
      }
    }
    return List.copyOf(worst.values());
  }

  /** What levers do to all that may be suspicious. */
  private final class Signs {
    private final Posterior exploits;
    private final Posterior lenient;
    private final Posterior unmatched;
    private final Posterior strict;
    private final boolean isExploited;
    private final boolean differs;

    Signs(Evidence evidence, Collection<Factor> factors, int round) {
      this.exploits = EffectModel.fit(evidence, factors, round, settings, Measure.EXPLOITS);
      this.lenient = EffectModel.fit(evidence, factors, round, settings, Measure.LENIENT);
      this.unmatched = EffectModel.fit(evidence, factors, round, settings, Measure.UNMATCHED);
      this.strict = EffectModel.fit(evidence, factors, round, settings, Measure.SUCCESS);
      this.isExploited = evidence.exploits() > 0;
      this.differs = evidence.verdictsDiffer();
    }

    Optional<Suspicion> of(Assignment incumbent, Factor factor, String level) {
      boolean isOn = incumbent.level(factor).equals(level);
      if (isOn && level.equals(factor.reference())) {
        return Optional.empty();
      }
      Assignment without = isOn ? incumbent.with(factor, factor.reference()) : incumbent;
      Assignment with = incumbent.with(factor, level);
      Lever lever = new Lever(factor.id(), level);
      Effect success = strict.effect(without, with);
      Effect flags = exploits.effect(without, with);
      double gamed = isExploited ? flags.probabilityAbove(0) : 0;
      if (gamed > SURE) {
        return Optional.of(
            new Suspicion(
                lever,
                gamed,
                success,
                text("it brings %.1f more signs of gaming in 100 episodes", flags)));
      }
      Effect lax = lenient.effect(without, with);
      double pleases =
          differs
              ? Math.min(
                  lax.probabilityAbove(0), unmatched.effect(without, with).probabilityAbove(0))
              : 0;
      return pleases > SURE
          ? Optional.of(
              new Suspicion(
                  lever,
                  pleases,
                  success,
                  text("it brings %+.1f points by the lenient verifier", lax)
                      + text(" and only %+.1f by the strict one", success)))
          : Optional.empty();
    }
  }

  private static String text(String format, Effect effect) {
    return String.format(Locale.ROOT, format, 100 * effect.mean());
  }
}
