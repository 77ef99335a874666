package dev.tandem.aegis;

import dev.tandem.aegis.critique.Bundle;
import dev.tandem.aegis.critique.Bundler;
import dev.tandem.aegis.critique.ForkFinder;
import dev.tandem.aegis.critique.Prediction;
import dev.tandem.aegis.critique.Regressions;
import dev.tandem.aegis.evolve.LeverSpace;
import dev.tandem.aegis.evolve.Manifest;
import dev.tandem.aegis.evolve.ManifestWriter;
import dev.tandem.aegis.gate.Check;
import dev.tandem.aegis.gate.Gate;
import dev.tandem.aegis.gate.GateAnswer;
import dev.tandem.aegis.gate.GateBudget;
import dev.tandem.aegis.gate.MixtureBet;
import dev.tandem.aegis.gate.PairOutcome;
import dev.tandem.aegis.gate.Proof;
import dev.tandem.aegis.gate.Rehearsal;
import dev.tandem.aegis.gate.Seesaw;
import dev.tandem.aegis.oversight.Risk;
import dev.tandem.aegis.plan.Landscape;
import dev.tandem.aegis.route.Variant;
import dev.tandem.aegis.route.VariantPool;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.Evidence;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.aegis.screen.Observation;
import dev.tandem.aegis.screen.Posterior;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.ProcessorType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Last stage of a round: for each variant a bundle of all that helps its tasks, which the gate
 * judges and which may be taken apart; and where a variant stalls, a fork of it.
 */
final class Trials {
  private final AegisSettings settings;
  private final ProcessorRegistry registry;
  private final Knowledge known;
  private final Round round;
  private final ManifestWriter manifests;
  private final Gate gate;
  private final Places places;
  private final Set<String> forked = new HashSet<>();
  private int bundles;

  Trials(AegisSettings settings, ProcessorRegistry registry, Knowledge known, Round round) {
    this.settings = settings;
    this.registry = registry;
    this.known = known;
    this.round = round;
    this.manifests = new ManifestWriter(registry);
    this.gate = new Gate(settings.gate(), registry, settings.redLines());
    this.places = new Places(settings, known);
  }

  /**
   * What there is to go by.
   *
   * @param blocked levers that must not be switched to
   * @param decisions to which those of the trials are added
   */
  record Round(
      Observed observed,
      Landscape landscape,
      Rehearsal rehearsal,
      Set<Lever> blocked,
      List<Decision> decisions) {}

  /** Every variant's turn, the default's first; once something waits for a person, no more. */
  AegisState settle(AegisState begun) {
    AegisState state = begun;
    for (Variant before : begun.pool().variants()) {
      Variant variant = state.pool().find(before.id());
      if (variant.id().equals(before.id()) && state.waiting() == null) {
        state = settle(state, variant);
      }
    }
    return state;
  }

  private AegisState settle(AegisState state, Variant variant) {
    Target target = Target.whole(state.pool(), variant);
    Bundler.Choice choice =
        new Bundler(settings.bundle())
            .choose(
                variant.assignment(),
                known.space(state).factors(),
                known.posterior(state, target.scope()),
                state.evidence(),
                round.blocked());
    AegisState tested = state;
    if (choice.bundle().isPresent()) {
      List<Regressions.Lost> lost = unaddressed(state, variant, choice.bundle().get());
      if (!lost.isEmpty()) {
        String reason = Regressions.reason(lost);
        Lever blamed = lost.getFirst().ship().levers().getFirst();
        round.decisions().add(new Decision.Concerned(blamed, reason));
        idle(target.told() + reason);
        return state;
      }
      tested = settle(state, target, choice.bundle().get());
    } else {
      idle(target.told() + choice.reason());
    }
    return isUnchanged(state, tested) ? fork(tested, variant) : tested;
  }

  /** Tasks of a variant that an earlier bundle has lost and this one does nothing about. */
  private List<Regressions.Lost> unaddressed(AegisState state, Variant variant, Bundle bundle) {
    LeverSpace space = known.space(state);
    Set<FailureCategory> cures = new TreeSet<>();
    types(space, bundle).forEach(type -> cures.addAll(type.addresses()));
    return Regressions.of(
            round.landscape().digest().tasks().stream()
                .filter(task -> state.pool().serving(task.category()).equals(variant))
                .toList(),
            state.history(),
            state.shipments().stream()
                .map(one -> new Regressions.Ship(one.id(), one.round(), one.levers()))
                .toList(),
            lever ->
                space.factors().stream()
                    .filter(factor -> factor.id().equals(lever.factor()))
                    .anyMatch(factor -> variant.assignment().level(factor).equals(lever.level())))
        .unaddressed(bundle, cures);
  }

  private static boolean isUnchanged(AegisState before, AegisState after) {
    return after.pool().equals(before.pool()) && after.waiting() == null;
  }

  /**
   * Tries to give a part of a variant's tasks to another one, once a round: to one that there is,
   * or to a new one where there is a place for it.
   */
  private AegisState fork(AegisState state, Variant variant) {
    if (settings.variants().most() == 1 || !forked.add(variant.id())) {
      return state;
    }
    ForkFinder finder =
        new ForkFinder(
            settings.bundle(), settings.variants().worth(), known.space(state).factors());
    Posterior differing = known.sceptical(state).within(state.pool().scope(variant));
    Optional<ForkFinder.Fork> fork =
        finder.move(
            variant.assignment(),
            differing,
            state.pool().variants().stream()
                .map(Variant::assignment)
                .filter(other -> !other.equals(variant.assignment()))
                .toList());
    if (fork.isEmpty()) {
      fork =
          finder
              .find(variant.assignment(), differing, state.evidence(), round.blocked())
              .filter(found -> places.has(state, found));
    }
    return fork.isPresent()
        ? settle(state, Target.part(variant, fork.get().clusters()), fork.get().bundle())
        : state;
  }

  /** Ships, forks, bisects or rejects. */
  private AegisState settle(AegisState state, Target target, Bundle bundle) {
    LeverSpace space = known.space(state);
    HarnessConfig incumbent = target.variant().harness();
    Optional<HarnessConfig> config = space.harness(bundle.candidate());
    if (config.isEmpty()) {
      idle("%s%s do not go together".formatted(target.told(), levers(bundle)));
      return bisect(state, target, bundle, true);
    }
    Posterior posterior = known.posterior(state, target.scope());
    int pairs =
        new GateBudget(settings.gate().episodesPerRound(), state.gateEpisodes())
            .pairs(state.evolved());
    Optional<String> tooWeak = tooWeak(state, bundle, posterior, pairs);
    if (tooWeak.isPresent()) {
      idle(target.told() + tooWeak.get());
      return state;
    }
    HarnessConfig candidate = config.get();
    Manifest manifest =
        manifests.of(
            bundle,
            types(space, bundle),
            incumbent,
            candidate,
            round.landscape(),
            state.round(),
            ++bundles);
    List<LeverEffect> effects =
        LeverEffect.of(bundle.changes(), bundle.incumbent(), posterior, state.evidence());
    round.decisions().add(new Decision.Bundled(manifest, effects, target.clusters()));
    Gate.Ruling ruling =
        gate.judge(
            incumbent,
            candidate,
            manifest,
            round.observed().under(arm -> hasAny(arm, bundle)),
            new Proof.Terms(
                    bundle.winShare(),
                    known
                        .sceptical(state)
                        .within(target.scope())
                        .effects(bundle.incumbent(), bundle.candidate()),
                    pairs)
                .within(target.scope()),
            round.rehearsal(),
            state.gate());
    AegisState tested =
        state
            .tested(ruling.account(), 2 * ruling.pairs().size())
            .with(learnt(state, bundle, ruling.pairs()));
    return switch (ruling.answer()) {
      case GateAnswer.Ship(Proof proof) ->
          ship(
              tested,
              target,
              bundle,
              manifest,
              candidate,
              LogicMap.of(incumbent, manifest, effects, proof));
      case GateAnswer.Fork(List<String> harmed, String reason, Proof proof) -> {
        reject(manifest, Check.SEESAW, reason, proof);
        AegisState after = fork(tested, target.variant());
        yield isUnchanged(tested, after) ? bisect(after, target, bundle, false) : after;
      }
      case GateAnswer.Reject(Check check, String reason, Proof proof) -> {
        reject(manifest, check, reason, proof);
        yield bisect(tested, target, bundle, check != Check.SEESAW);
      }
    };
  }

  private AegisState ship(
      AegisState state,
      Target target,
      Bundle bundle,
      Manifest manifest,
      HarnessConfig candidate,
      LogicMap map) {
    Shipment shipment =
        new Shipment(
            manifest.id(),
            state.round(),
            target.scope(),
            bundle.incumbent(),
            bundle.candidate(),
            levers(bundle),
            manifest.predictions().stream()
                .map(one -> new Shipment.Claim(one, Prediction.Score.OPEN))
                .toList());
    String harness = known.hash(candidate);
    Risk risk = Risk.of(target.variant().harness(), candidate, registry);
    if (settings.approval().asks(risk)) {
      round.decisions().add(new Decision.Awaiting(manifest.id(), harness, risk, map));
      return state.waitingFor(new Waiting(shipment, candidate, harness, risk, map));
    }
    VariantPool pool = target.shipped(state.pool(), manifest.id(), bundle.candidate(), candidate);
    round.decisions().add(target.decided(pool, manifest.id(), harness, map));
    return places.settle(state.shipped(shipment, pool), manifest.id(), round.decisions());
  }

  /**
   * Goes on with the surer half. Where the harness itself was at fault the other half is tried,
   * too, and what is to blame alone rests.
   */
  private AegisState bisect(AegisState state, Target target, Bundle bundle, boolean isAtFault) {
    Optional<Bundle.Halves> halves = bundle.halves(known.posterior(state, target.scope()));
    if (halves.isEmpty()) {
      return isAtFault
          ? state.resting(
              List.of(bundle.changes().getFirst().lever()), state.round() + 1 + settings.rest())
          : state;
    }
    Bundle surer = halves.get().surer();
    Bundle other = halves.get().other();
    round.decisions().add(new Decision.Bisected(levers(surer), levers(other)));
    AegisState halved = settle(state, target, surer);
    return isAtFault && isUnchanged(state, halved) ? settle(halved, target, other) : halved;
  }

  /** Why a bundle is not worth the episodes that its test would take. */
  private Optional<String> tooWeak(
      AegisState state, Bundle bundle, Posterior posterior, int pairs) {
    int needed =
        switch (settings.gate().seesaw()) {
          case SEQUENTIAL -> settings.gate().batch();
          case STRICT -> 2 * settings.gate().strictTasks();
        };
    if (pairs < needed) {
      return Optional.of(
          "%s may help, and the gate has saved up %d pairs of the %d that a test needs"
              .formatted(levers(bundle), pairs, needed));
    }
    if (settings.gate().seesaw() == Seesaw.STRICT) {
      return Optional.empty();
    }
    int discordant =
        (int)
            (bundle.discordance(posterior.noise())
                * Math.min(pairs, settings.gate().maximumPairs()));
    double power =
        new MixtureBet(bundle.winShare())
            .power(discordant, state.gate().nextLevel(settings.gate().alpha()));
    return power < settings.gate().power()
        ? Optional.of(
            "%s may help, and a test of %d pairs would show it with a chance of only %.2f"
                .formatted(levers(bundle), pairs, power))
        : Optional.empty();
  }

  /** Gate pairs are evidence like any other: a block of two attempts. */
  private static Evidence learnt(AegisState state, Bundle bundle, List<PairOutcome> pairs) {
    List<Observation> observations = new ArrayList<>();
    for (PairOutcome pair : pairs) {
      if (pair.judged()) {
        observations.add(observation(state, pair, bundle.incumbent(), pair.incumbent()));
        observations.add(observation(state, pair, bundle.candidate(), pair.candidate()));
      }
    }
    return state.evidence().with(observations);
  }

  private static Observation observation(
      AegisState state, PairOutcome pair, Assignment arm, PairOutcome.Outcome outcome) {
    return new Observation(
        state.round(), pair.task(), pair.cluster(), arm, outcome == PairOutcome.Outcome.SOLVED);
  }

  private static boolean hasAny(Assignment arm, Bundle bundle) {
    return bundle.changes().stream()
        .anyMatch(change -> arm.level(change.factor()).equals(change.to()));
  }

  private static List<ProcessorType> types(LeverSpace space, Bundle bundle) {
    return bundle.changes().stream().map(space::type).flatMap(Optional::stream).distinct().toList();
  }

  private static List<Lever> levers(Bundle bundle) {
    return bundle.changes().stream().map(Assignment.Change::lever).toList();
  }

  private void reject(Manifest manifest, Check check, String reason, @Nullable Proof proof) {
    round
        .decisions()
        .add(new Decision.Rejected(manifest.id(), check, reason, check == Check.RED_LINES, proof));
  }

  private void idle(String reason) {
    round.decisions().add(new Decision.Idle(reason));
  }
}
