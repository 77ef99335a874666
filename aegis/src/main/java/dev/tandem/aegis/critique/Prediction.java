package dev.tandem.aegis.critique;

import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.Effect;
import dev.tandem.aegis.screen.Posterior;
import java.util.ArrayList;
import java.util.List;

/**
 * What a bundle is said to do before it ships, to be held against what its levers are seen to do
 * afterwards, when they are switched off in some arms of every round.
 *
 * @param round in which it was made
 * @param from the incumbent then
 * @param to the candidate
 * @param cluster where, empty for overall
 * @param effect what was predicted
 */
public record Prediction(int round, Assignment from, Assignment to, String cluster, Effect effect) {
  /** Probability with which intervals are meant to hold the truth. */
  public static final double LEVEL = 0.9;

  /** Later evidence with a larger standard deviation than this decides nothing. */
  private static final double TELLING = 0.06;

  /** What became of a prediction. */
  public enum Score {
    CAME_TRUE,
    FAILED,
    /** The evidence is still too thin. */
    OPEN
  }

  /** The predictions of a bundle: overall, and in every cluster. */
  public static List<Prediction> of(Bundle bundle, int round) {
    List<Prediction> all = new ArrayList<>();
    all.add(new Prediction(round, bundle.incumbent(), bundle.candidate(), "", bundle.predicted()));
    for (int c = 0; c < bundle.clusters().count(); c++) {
      all.add(
          new Prediction(
              round,
              bundle.incumbent(),
              bundle.candidate(),
              bundle.clusters().clusters().get(c),
              bundle.clusters().at(c)));
    }
    return all;
  }

  public double low() {
    return effect.low(LEVEL);
  }

  public double high() {
    return effect.high(LEVEL);
  }

  /** What a posterior says where the prediction was made. */
  public Effect seen(Posterior later) {
    return cluster.isEmpty() ? later.effect(from, to) : later.effect(from, to, cluster);
  }

  /**
   * Holds it against evidence of rounds after it was made: it came true if what is seen differs
   * from what was said by no more than both uncertainties explain, and is no loss where a gain was
   * sure. A sure gain that turns out larger came true as well.
   *
   * @param later fitted to the episodes of later rounds alone
   */
  public Score score(Posterior later) {
    Effect seen = seen(later);
    if (seen.deviation() > TELLING) {
      return Score.OPEN;
    }
    Effect surprise =
        new Effect(seen.mean() - effect.mean(), Math.hypot(seen.deviation(), effect.deviation()));
    boolean compatible = surprise.low(LEVEL) <= 0 && surprise.high(LEVEL) >= 0;
    boolean sureGain = low() > 0;
    boolean asSaid = compatible && !(sureGain && seen.mean() < 0);
    boolean more = sureGain && surprise.mean() > 0;
    return asSaid || more ? Score.CAME_TRUE : Score.FAILED;
  }
}
