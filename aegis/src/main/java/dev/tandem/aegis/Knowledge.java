package dev.tandem.aegis;

import dev.tandem.aegis.evolve.LeverSpace;
import dev.tandem.aegis.evolve.ProposedLever;
import dev.tandem.aegis.screen.ClusterSet;
import dev.tandem.aegis.screen.EffectModel;
import dev.tandem.aegis.screen.EffectSettings;
import dev.tandem.aegis.screen.Evidence;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.aegis.screen.Posterior;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.spi.Requirement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the levers: which there are, and what they do. A function of the state, of which
 * the last answer is kept, since it is asked for several times a round and may take a second.
 */
final class Knowledge {
  private final AegisSettings settings;
  private final ProcessorRegistry registry;
  private final Set<Requirement> met;
  private @Nullable KnownSpace known;
  private final Map<EffectSettings, Fitted> fitted = new HashMap<>();

  Knowledge(AegisSettings settings, ProcessorRegistry registry, Set<Requirement> met) {
    this.settings = settings;
    this.registry = registry;
    this.met = Set.copyOf(met);
  }

  private record KnownSpace(HarnessConfig start, List<ProposedLever> proposed, LeverSpace space) {}

  private record Fitted(int round, List<Factor> factors, Evidence evidence, Posterior posterior) {}

  String hash(HarnessConfig harness) {
    return harness.hash(registry);
  }

  /** The levers there are, which change only when new ones are proposed. */
  LeverSpace space(AegisState state) {
    KnownSpace now = known;
    if (now == null
        || !now.start().equals(state.start())
        || !now.proposed().equals(state.levers())) {
      now =
          new KnownSpace(
              state.start(),
              state.levers(),
              new LeverSpace(state.start(), registry, settings.redLines(), met, state.levers()));
      known = now;
    }
    return now.space();
  }

  /** What they do, to all tasks. */
  Posterior posterior(AegisState state) {
    return fit(state, settings.effects());
  }

  /**
   * The same, expecting clusters to differ: for when harm has to be ruled out, and for variants.
   */
  Posterior sceptical(AegisState state) {
    return fit(state, settings.effects().sceptical());
  }

  /** What they do to a variant's tasks. */
  Posterior posterior(AegisState state, ClusterSet scope) {
    return (scope.only() ? sceptical(state) : posterior(state)).within(scope);
  }

  private Posterior fit(AegisState state, EffectSettings how) {
    List<Factor> factors = space(state).factors();
    int round = Math.max(0, state.round());
    Fitted now = fitted.get(how);
    if (now == null
        || now.round() != round
        || !now.factors().equals(factors)
        || !now.evidence().equals(state.evidence())) {
      now =
          new Fitted(
              round,
              factors,
              state.evidence(),
              EffectModel.fit(state.evidence(), factors, round, how));
      fitted.put(how, now);
    }
    return now.posterior();
  }
}
