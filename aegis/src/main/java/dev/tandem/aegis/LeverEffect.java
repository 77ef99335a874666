package dev.tandem.aegis;

import dev.tandem.aegis.critique.Prediction;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.Effect;
import dev.tandem.aegis.screen.Evidence;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.aegis.screen.Posterior;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * What is known of a lever: a row of the tables in ledger and report.
 *
 * @param from the level that it is held against: the incumbent's, or, for a lever of the incumbent
 *     itself, the reference
 * @param inForce whether the incumbent has it
 * @param episodes that were played with it, of those remembered
 * @param effect mean of what it does to the chance of success
 * @param low lower end of the effect's interval, which holds nine tenths
 * @param high upper end
 * @param helps chance that it helps
 */
public record LeverEffect(
    Lever lever,
    String from,
    boolean inForce,
    int episodes,
    double effect,
    double low,
    double high,
    double helps) {
  /** All levers, held against the incumbent; its own against their absence. */
  static List<LeverEffect> all(
      Assignment incumbent, Collection<Factor> factors, Posterior posterior, Evidence evidence) {
    List<LeverEffect> rows = new ArrayList<>();
    for (Factor factor : factors) {
      for (String level : factor.levels()) {
        boolean inForce = incumbent.level(factor).equals(level);
        if (inForce && level.equals(factor.reference())) {
          continue;
        }
        String from = inForce ? factor.reference() : incumbent.level(factor);
        rows.add(
            of(
                new Assignment.Change(factor, from, level),
                incumbent,
                inForce,
                posterior,
                evidence));
      }
    }
    return rows;
  }

  /** The changes of a bundle. */
  static List<LeverEffect> of(
      Collection<Assignment.Change> changes,
      Assignment incumbent,
      Posterior posterior,
      Evidence evidence) {
    return changes.stream()
        .map(change -> of(change, incumbent, false, posterior, evidence))
        .toList();
  }

  private static LeverEffect of(
      Assignment.Change change,
      Assignment incumbent,
      boolean inForce,
      Posterior posterior,
      Evidence evidence) {
    Effect effect =
        posterior.effect(
            incumbent.with(change.factor(), change.from()),
            incumbent.with(change.factor(), change.to()));
    return new LeverEffect(
        change.lever(),
        change.from(),
        inForce,
        evidence.episodes(change.lever(), change.factor()),
        effect.mean(),
        effect.low(Prediction.LEVEL),
        effect.high(Prediction.LEVEL),
        effect.probabilityAbove(0));
  }

  /** In points of success. */
  String line() {
    return String.format(
        Locale.ROOT,
        "%s %+.1f points [%+.1f, %+.1f] on %d episodes",
        lever,
        100 * effect,
        100 * low,
        100 * high,
        episodes);
  }
}
