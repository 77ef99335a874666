package dev.tandem.aegis.critique;

import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.ClusterEffects;
import dev.tandem.aegis.screen.Effect;
import dev.tandem.aegis.screen.Evidence;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.aegis.screen.Posterior;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Chooses what to test: from the incumbent, always the change that is worth most of those that help
 * with high probability given what was chosen before, until none is left. Taking a lever of the
 * incumbent out is a change like any other.
 */
public final class Bundler {
  private final BundleSettings settings;

  public Bundler(BundleSettings settings) {
    this.settings = settings;
  }

  /**
   * What to test, or why nothing.
   *
   * @param doubtful changes that help overall but may harm a cluster; they should go on playing
   */
  public record Choice(Optional<Bundle> bundle, String reason, NavigableSet<Lever> doubtful) {}

  /**
   * The bundle of this round.
   *
   * @param blocked levers that must not be switched to
   */
  public Choice choose(
      Assignment incumbent,
      Collection<Factor> factors,
      Posterior posterior,
      Evidence evidence,
      Set<Lever> blocked) {
    Assignment chosen = incumbent;
    List<Assignment.Change> changes = new ArrayList<>();
    NavigableSet<Lever> doubtful = new TreeSet<>();
    List<Factor> left = new ArrayList<>(factors);
    while (true) {
      Assignment.@Nullable Change best = null;
      double worth = 0;
      for (Factor factor : left) {
        for (String level : factor.levels()) {
          Assignment.Change change = new Assignment.Change(factor, chosen.level(factor), level);
          if (change.from().equals(level) || blocked.contains(change.lever())) {
            continue;
          }
          Effect effect = posterior.effect(chosen, change.appliedTo(chosen));
          if (effect.probabilityAbove(0) < settings.helps() || effect.mean() <= worth) {
            continue;
          }
          if (isRisky(chosen, change, posterior)
              || evidence.failures(change.lever()).probabilityWorse() > settings.failures()) {
            doubtful.add(change.lever());
            continue;
          }
          best = change;
          worth = effect.mean();
        }
      }
      if (best == null) {
        return choice(incumbent, changes, posterior, doubtful);
      }
      Assignment.Change taken = best;
      changes.add(taken);
      chosen = taken.appliedTo(chosen);
      left.remove(taken.factor());
      doubtful.removeIf(lever -> lever.factor().equals(taken.factor().id()));
    }
  }

  private boolean isRisky(Assignment from, Assignment.Change change, Posterior posterior) {
    ClusterEffects clusters = posterior.effects(from, change.appliedTo(from));
    for (int c = 0; c < clusters.count(); c++) {
      if (clusters.probabilityOfLoss(c, settings.margin()) > settings.risk()) {
        return true;
      }
    }
    return false;
  }

  private Choice choice(
      Assignment incumbent,
      List<Assignment.Change> changes,
      Posterior posterior,
      NavigableSet<Lever> doubtful) {
    if (changes.isEmpty()) {
      return new Choice(
          Optional.empty(),
          doubtful.isEmpty()
              ? "no change helps with a probability of %s".formatted(settings.helps())
              : "%s may help overall, but harm in a cluster, or more failures, cannot be ruled out"
                  .formatted(doubtful),
          doubtful);
    }
    Bundle bundle = Bundle.of(incumbent, changes, posterior);
    return new Choice(
        Optional.of(bundle),
        "%d changes are predicted to bring %+.1f points together"
            .formatted(changes.size(), 100 * bundle.predicted().mean()),
        doubtful);
  }
}
