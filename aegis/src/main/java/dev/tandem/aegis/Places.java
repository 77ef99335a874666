package dev.tandem.aegis;

import dev.tandem.aegis.critique.ForkFinder;
import dev.tandem.aegis.drift.VariantWatch;
import dev.tandem.aegis.route.Variant;
import dev.tandem.aegis.route.VariantPool;
import dev.tandem.aegis.screen.ClusterSet;
import dev.tandem.aegis.screen.Effect;
import java.util.Comparator;
import java.util.List;

/**
 * The pool has so many places. Where all are taken a fork is worth a test only if it likely brings
 * more, over all tasks, than the variant that brings least; and once it ships, that one is retired.
 */
final class Places {
  private final AegisSettings settings;
  private final Knowledge known;

  Places(AegisSettings settings, Knowledge known) {
    this.settings = settings;
    this.known = known;
  }

  /**
   * A fork of the pool.
   *
   * @param worth what it brings over the default on its own tasks, by the last rounds' episodes
   * @param gain the same over all tasks
   */
  private record Held(Variant variant, Effect worth, Effect gain) {}

  /** Whether there is room for a fork, or it is likely worth more than another one. */
  boolean has(AegisState state, ForkFinder.Fork fork) {
    if (state.pool().variants().size() < settings.variants().most()) {
      return true;
    }
    Effect promised = over(state, fork.clusters(), fork.bundle().predicted());
    Effect least = least(state, state.pool().forks()).gain();
    return new Effect(
                promised.mean() - least.mean(), Math.hypot(promised.deviation(), least.deviation()))
            .probabilityAbove(0)
        >= settings.bundle().helps();
  }

  /**
   * With no more variants than there are places.
   *
   * @param newest the one that has just come, which stays
   * @param decisions to which it is added who goes
   */
  AegisState settle(AegisState state, String newest, List<Decision> decisions) {
    VariantPool pool = state.pool();
    if (pool.variants().size() <= settings.variants().most()) {
      return state;
    }
    Held least =
        least(state, pool.forks().stream().filter(one -> !one.id().equals(newest)).toList());
    decisions.add(
        new Decision.Retired(
            least.variant().id(),
            List.copyOf(least.variant().clusters()),
            known.hash(least.variant().harness()),
            known.hash(pool.base().harness()),
            least.worth(),
            settings.watch().window(),
            newest));
    return settle(state.under(pool.without(least.variant().id())), newest, decisions);
  }

  private Held least(AegisState state, List<Variant> forks) {
    return forks.stream()
        .map(one -> held(state, one))
        .min(Comparator.comparingDouble(one -> one.gain().mean()))
        .orElseThrow();
  }

  private Held held(AegisState state, Variant fork) {
    ClusterSet clusters = state.pool().scope(fork);
    Effect worth =
        new VariantWatch(settings.watch())
            .worth(
                state.assignment(),
                fork.assignment(),
                clusters,
                known.space(state).factors(),
                state.evidence(),
                state.round());
    return new Held(fork, worth, over(state, clusters, worth));
  }

  /** What an effect on some kinds of task is over all tasks. */
  private Effect over(AegisState state, ClusterSet clusters, Effect effect) {
    double share =
        known
            .posterior(state)
            .effects(state.assignment(), state.assignment())
            .shares()
            .entrySet()
            .stream()
            .filter(one -> clusters.contains(one.getKey()))
            .mapToDouble(one -> one.getValue())
            .sum();
    return new Effect(share * effect.mean(), share * effect.deviation());
  }
}
