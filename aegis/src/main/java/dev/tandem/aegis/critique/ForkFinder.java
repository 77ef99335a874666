package dev.tandem.aegis.critique;

import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.ClusterEffects;
import dev.tandem.aegis.screen.ClusterSet;
import dev.tandem.aegis.screen.Effect;
import dev.tandem.aegis.screen.Evidence;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.aegis.screen.Posterior;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Looks for what no harness for all tasks can have: a change that likely harms some clusters and
 * helps others. Those that it helps are to be served by a variant, with all that helps there; what
 * is likely in a cluster is enough to join, since the gate wants harm ruled out in each of them.
 */
public final class ForkFinder {
  /** Chance of helping from which a cluster is taken in. */
  private static final double LIKELY = 0.6;

  private final BundleSettings settings;
  private final double worth;
  private final Collection<Factor> factors;

  /**
   * @param worth least gain of success that a variant must promise on its tasks
   */
  public ForkFinder(BundleSettings settings, double worth, Collection<Factor> factors) {
    this.settings = settings;
    this.worth = worth;
    this.factors = List.copyOf(factors);
  }

  /**
   * A variant to test.
   *
   * @param clusters that it is to serve
   */
  public record Fork(ClusterSet clusters, Bundle bundle) {}

  /** A part of the clusters, and what it gains in success over all of them. */
  private record Part(List<String> clusters, double promise) {}

  /**
   * The new variant that promises most, if there is any.
   *
   * @param incumbent the harness that serves the posterior's clusters now
   * @param posterior of these clusters
   * @param blocked levers that must not be switched to
   */
  public Optional<Fork> find(
      Assignment incumbent, Posterior posterior, Evidence evidence, Set<Lever> blocked) {
    Part best = new Part(List.of(), 0);
    for (Factor factor : factors) {
      for (String level : factor.levels()) {
        Assignment changed = incumbent.with(factor, level);
        if (!changed.equals(incumbent) && !blocked.contains(new Lever(factor.id(), level))) {
          Part part = helped(incumbent, changed, posterior);
          if (part.promise > best.promise && harmsAny(posterior.effects(incumbent, changed))) {
            best = part;
          }
        }
      }
    }
    if (best.clusters.isEmpty()) {
      return Optional.empty();
    }
    ClusterSet clusters = ClusterSet.only(best.clusters);
    return new Bundler(settings)
        .choose(incumbent, factors, posterior.within(clusters), evidence, blocked)
        .bundle()
        .map(bundle -> new Fork(clusters, bundle));
  }

  /**
   * Clusters that another variant of the pool would serve better.
   *
   * @param others harnesses of the pool
   */
  public Optional<Fork> move(
      Assignment incumbent, Posterior posterior, Collection<Assignment> others) {
    Part best = new Part(List.of(), 0);
    Assignment better = incumbent;
    for (Assignment other : others) {
      Part part = helped(incumbent, other, posterior);
      if (part.promise > best.promise) {
        best = part;
        better = other;
      }
    }
    if (best.clusters.isEmpty()) {
      return Optional.empty();
    }
    ClusterSet clusters = ClusterSet.only(best.clusters);
    return Optional.of(
        new Fork(
            clusters,
            Bundle.of(
                incumbent, incumbent.changesTo(better, factors), posterior.within(clusters))));
  }

  /** The clusters that a change likely helps, if together it surely does and enough. */
  private Part helped(Assignment from, Assignment to, Posterior posterior) {
    ClusterEffects effects = posterior.effects(from, to);
    List<String> clusters = new ArrayList<>();
    double share = 0;
    for (int c = 0; c < effects.count(); c++) {
      if (effects.at(c).probabilityAbove(0) >= LIKELY) {
        String cluster = effects.clusters().get(c);
        clusters.add(cluster);
        share += effects.shares().getOrDefault(cluster, 0.0);
      }
    }
    if (clusters.isEmpty() || clusters.size() == effects.count()) {
      return new Part(List.of(), 0);
    }
    Effect together = posterior.within(ClusterSet.only(clusters)).effect(from, to);
    return together.mean() >= worth && together.probabilityAbove(0) >= settings.helps()
        ? new Part(clusters, share * together.mean())
        : new Part(List.of(), 0);
  }

  private boolean harmsAny(ClusterEffects effects) {
    for (int c = 0; c < effects.count(); c++) {
      if (effects.probabilityOfLoss(c, settings.margin()) >= settings.helps()) {
        return true;
      }
    }
    return false;
  }
}
