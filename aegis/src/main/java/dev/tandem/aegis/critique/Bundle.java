package dev.tandem.aegis.critique;

import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.ClusterEffects;
import dev.tandem.aegis.screen.Effect;
import dev.tandem.aegis.screen.Posterior;
import java.util.List;
import java.util.Optional;

/**
 * Changes that are tested and shipped as one.
 *
 * @param incumbent what they change
 * @param candidate what they lead to
 * @param changes in the order in which they were chosen, the surest first
 * @param predicted effect of all of them together
 * @param clusters the same by cluster
 * @param winShare predicted share of wins among the pairs of episodes that exactly one arm solves
 */
public record Bundle(
    Assignment incumbent,
    Assignment candidate,
    List<Assignment.Change> changes,
    Effect predicted,
    ClusterEffects clusters,
    double winShare) {
  /** Beyond this a bet would be ruined by the first losses. */
  private static final double MOST = 0.9;

  public Bundle {
    changes = List.copyOf(changes);
    if (changes.isEmpty()) {
      throw new IllegalArgumentException("a bundle needs at least 1 change, had 0");
    }
  }

  /** These changes, with what is known of them together. */
  static Bundle of(Assignment incumbent, List<Assignment.Change> changes, Posterior posterior) {
    Assignment candidate = incumbent;
    for (Assignment.Change change : changes) {
      candidate = change.appliedTo(candidate);
    }
    Effect predicted = posterior.effect(incumbent, candidate);
    return new Bundle(
        incumbent,
        candidate,
        changes,
        predicted,
        posterior.effects(incumbent, candidate),
        winShare(predicted, posterior.noise()));
  }

  /**
   * If both arms' successes were independent given the task, exactly one would succeed with
   * probability {@code d = 2 noise}, and {@code d (2 q - 1)} is the effect, where q is the share of
   * wins. Common random numbers make d smaller and q larger, so this bet errs on the side of
   * caution. Half a standard deviation is taken off against the luck of the chosen.
   */
  private static double winShare(Effect predicted, double noise) {
    double careful = careful(predicted);
    double discordant = Math.max(2 * noise, careful);
    return Math.min(MOST, 0.5 + careful / (2 * discordant));
  }

  private static double careful(Effect predicted) {
    return Math.max(0, predicted.mean() - predicted.deviation() / 2);
  }

  /**
   * Share of the pairs of episodes that exactly one arm solves: what the effect takes, at least.
   */
  public double discordance(double noise) {
    return Math.max(2 * noise, careful(predicted));
  }

  /**
   * The two halves to go on with after a rejection, the surer one first; none of a single change.
   */
  public Optional<Halves> halves(Posterior posterior) {
    if (changes.size() < 2) {
      return Optional.empty();
    }
    int middle = (changes.size() + 1) / 2;
    return Optional.of(
        new Halves(
            of(incumbent, changes.subList(0, middle), posterior),
            of(incumbent, changes.subList(middle, changes.size()), posterior)));
  }

  /** A bundle in two. */
  public record Halves(Bundle surer, Bundle other) {}
}
