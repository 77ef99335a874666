package dev.tandem.aegis;

import dev.tandem.aegis.critique.Bundle;
import dev.tandem.aegis.critique.Bundler;
import dev.tandem.aegis.critique.Portfolio;
import dev.tandem.aegis.critique.Prediction;
import dev.tandem.aegis.critique.Regressions;
import dev.tandem.aegis.critique.RewardWatch;
import dev.tandem.aegis.digest.Digest;
import dev.tandem.aegis.digest.Digester;
import dev.tandem.aegis.drift.LeverWatch;
import dev.tandem.aegis.evolve.LeverSpace;
import dev.tandem.aegis.evolve.Manifest;
import dev.tandem.aegis.evolve.ManifestWriter;
import dev.tandem.aegis.evolve.MetaAgent;
import dev.tandem.aegis.evolve.ProposedLever;
import dev.tandem.aegis.gate.Check;
import dev.tandem.aegis.gate.Gate;
import dev.tandem.aegis.gate.GateAnswer;
import dev.tandem.aegis.gate.GateBudget;
import dev.tandem.aegis.gate.MixtureBet;
import dev.tandem.aegis.gate.PairOutcome;
import dev.tandem.aegis.gate.Proof;
import dev.tandem.aegis.gate.Rehearsal;
import dev.tandem.aegis.gate.Seesaw;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.oversight.Admission;
import dev.tandem.aegis.oversight.Risk;
import dev.tandem.aegis.oversight.Word;
import dev.tandem.aegis.plan.Landscape;
import dev.tandem.aegis.plan.Planner;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.EffectModel;
import dev.tandem.aegis.screen.Evidence;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.aegis.screen.Observation;
import dev.tandem.aegis.screen.Posterior;
import dev.tandem.aegis.screen.ScreenDesign;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.spi.FailureTaxonomy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Evolves the harness between training rounds. Every round is a factorial experiment: its tasks are
 * played under many harness versions at once, {@link #plan} says under which, and {@link #evolve}
 * learns from all episodes what every lever does, bundles what helps, and lets the gate decide. All
 * of it is a function of state, evidence and rehearsal; every decision goes to the ledger.
 */
public final class Aegis {
  private final AegisSettings settings;
  private final ProcessorRegistry registry;
  private final Set<Requirement> met;
  private final Ledger ledger;
  private final Digester digester;
  private final MetaAgent agent;
  private final ManifestWriter manifests;
  private final Gate gate;
  private final Admission admission;
  private @Nullable KnownSpace known;
  private @Nullable Fitted fitted;

  /** Evolution by processor metadata, where no requirement of a processor type is met. */
  public Aegis(
      AegisSettings settings, ProcessorRegistry registry, FailureTaxonomy failures, Ledger ledger) {
    this(settings, registry, failures, ledger, Set.of(), MetaAgent.SYMBOLIC);
  }

  /**
   * Evolution by any agent.
   *
   * @param met what there is of the requirements that processor types declare
   */
  public Aegis(
      AegisSettings settings,
      ProcessorRegistry registry,
      FailureTaxonomy failures,
      Ledger ledger,
      Set<Requirement> met,
      MetaAgent agent) {
    this.settings = settings;
    this.registry = registry;
    this.met = Set.copyOf(met);
    this.ledger = ledger;
    this.agent = agent;
    this.digester = new Digester(registry, failures);
    this.manifests = new ManifestWriter(registry);
    this.gate = new Gate(settings.gate(), registry, settings.redLines());
    this.admission = new Admission(registry, settings.redLines());
  }

  /**
   * Which harness plays each attempt of a round's tasks: the incumbent in some, and in the others
   * the incumbent with a random part of the levers, each as often as it may help. What does not go
   * together is played under the incumbent.
   *
   * @param attempts at each task, at least 1
   * @param seed of the round
   */
  public RoundPlan plan(
      AegisState state, int round, Collection<TaskSpec> tasks, int attempts, long seed) {
    LeverSpace space = space(state);
    ScreenDesign design = new ScreenDesign(settings.screen());
    List<ScreenDesign.Share> shares =
        design.shares(
            state.assignment(),
            space.factors(),
            posterior(state, space.factors()),
            state.resting(round));
    Versions versions = new Versions(state, space);
    return RoundPlan.of(
        versions.incumbent(),
        tasks,
        task ->
            design.arms(state.assignment(), shares, attempts, seed, task.key()).stream()
                .map(versions::arm)
                .toList());
  }

  /** A round in which nothing but the incumbent plays. */
  public RoundPlan incumbentOnly(AegisState state, Collection<TaskSpec> tasks, int attempts) {
    return RoundPlan.of(
        new RoundPlan.Arm(state.assignment(), state.incumbent(), hash(state.incumbent())),
        tasks,
        attempts);
  }

  /**
   * One round, stage by stage: digest what the incumbent does wrong, plan, take in new levers,
   * learn from the screen what every lever does, criticise, and let the gate decide.
   *
   * @throws IllegalArgumentException if the evidence is not of a later round, or an episode ran
   *     under a harness that was not planned
   */
  public AegisResult evolve(AegisState before, RoundEvidence evidence, Rehearsal rehearsal) {
    if (evidence.round() <= before.round()) {
      throw new IllegalArgumentException(
          "evolution has seen round %d: the next must be later, was %d"
              .formatted(before.round(), evidence.round()));
    }
    Observed observed = Observed.of(evidence);
    List<Decision> decisions = new ArrayList<>();
    AegisState state = before.begun(evidence.round());

    Digest digest = digest(state, observed);
    state = state.remembering(digest);
    Landscape landscape = Planner.plan(digest, Relay.standing(state, space(state), registry));
    decisions.add(Decision.Digested.of(landscape));
    state = offer(state, landscape, observed, evidence.seed(), decisions);
    state = screen(state, observed, decisions);
    state = score(state, decisions);
    state = takeOut(state, decisions);
    Optional<Bundle> bundle = criticise(state, landscape, decisions);
    if (bundle.isPresent()) {
      state = new Trials(observed, landscape, rehearsal, decisions).settle(state, bundle.get());
    }
    return recorded(
        evidence.round(), state.concernedBy(Relay.concerns(state, decisions)), decisions);
  }

  /**
   * A person's word on the bundle that waits, before a round is played: from then on its changes
   * are part of the incumbent, if they still fit it, or never play again.
   *
   * @param round the one that is about to be played
   * @throws dev.tandem.aegis.oversight.WordException when it is about another bundle
   */
  public AegisResult hear(AegisState state, int round, Word word) {
    Waiting waiting = state.waiting();
    if (waiting == null) {
      throw new IllegalArgumentException("nothing waits for a word on " + word.candidate());
    }
    word.requireAbout(waiting.id(), waiting.harness());
    List<Decision> decisions = new ArrayList<>();
    AegisState next =
        word.approved()
            ? approve(state.waitingFor(null), waiting, word, decisions)
            : decline(state.waitingFor(null), waiting, word, decisions);
    return recorded(round, next, decisions);
  }

  private AegisResult recorded(int round, AegisState state, List<Decision> decisions) {
    for (Decision decision : decisions) {
      ledger.append(round, decision.kind(), decision);
    }
    return new AegisResult(state, decisions);
  }

  private Digest digest(AegisState state, Observed observed) {
    return digester.digest(
        state.incumbent(), observed.under(state.assignment()::equals), state.history());
  }

  /** What crosses a red line never plays; that is told once, when it is first known. */
  private AegisState offer(
      AegisState state,
      Landscape landscape,
      Observed observed,
      long seed,
      List<Decision> decisions) {
    LeverSpace before = space(state);
    MetaAgent.Proposals proposals =
        agent.propose(
            landscape,
            new MetaAgent.Brief(
                state.round(),
                state.start(),
                state.incumbent(),
                before.factors(),
                state.levers().size(),
                new TreeSet<>(state.resting(state.round())),
                () -> known(informed(state, observed)).stream().map(LeverEffect::line).toList(),
                state.meta(),
                seed));
    Intake intake = new Intake(state, before, registry, admission, proposals);
    decisions.addAll(intake.decisions());
    Set<LeverSpace.Refused> told = state.evolved() == 1 ? Set.of() : Set.copyOf(before.refused());
    AegisState offered = intake.state();
    for (LeverSpace.Refused refused : space(offered).refused()) {
      if (!told.contains(refused)) {
        decisions.add(
            new Decision.Refused(
                refused.lever().toString(),
                refused.edit(),
                Admission.Ground.RED_LINES,
                refused.reason(),
                true));
      }
    }
    return offered;
  }

  /** All episodes of the round are evidence on all levers. */
  private AegisState screen(AegisState state, Observed observed, List<Decision> decisions) {
    AegisState informed = informed(state, observed);
    decisions.add(
        new Decision.Screened(
            observed.observations().size(), informed.evidence().episodes(), known(informed)));
    return informed;
  }

  private AegisState informed(AegisState state, Observed observed) {
    int round = state.round();
    return state.with(
        state
            .evidence()
            .with(observed.observations())
            .withFailures(round, observed.failures())
            .since(round - settings.effects().memory() + 1));
  }

  private List<LeverEffect> known(AegisState state) {
    List<Factor> factors = space(state).factors();
    return LeverEffect.all(
        state.assignment(), factors, posterior(state, factors), state.evidence());
  }

  /** What was predicted of earlier bundles is held against what came later. */
  private AegisState score(AegisState state, List<Decision> decisions) {
    List<Shipment> scored = new ArrayList<>();
    for (Shipment shipment : state.shipments()) {
      scored.add(shipment.hasOpenClaims() ? score(state, shipment, decisions) : shipment);
    }
    return state.scored(scored);
  }

  private Shipment score(AegisState state, Shipment shipment, List<Decision> decisions) {
    Posterior later =
        EffectModel.fit(
            state.evidence().since(shipment.round() + 1),
            space(state).factors(),
            state.round(),
            settings.effects());
    List<Shipment.Claim> claims = new ArrayList<>();
    for (Shipment.Claim claim : shipment.claims()) {
      Prediction.Score score = claim.isOpen() ? claim.prediction().score(later) : claim.score();
      claims.add(new Shipment.Claim(claim.prediction(), score));
      if (claim.isOpen() && score != Prediction.Score.OPEN) {
        decisions.add(
            new Decision.Scored(
                shipment.id(),
                claim.prediction().cluster(),
                claim.prediction().effect(),
                claim.prediction().seen(later),
                score));
      }
    }
    return shipment.with(claims);
  }

  /** Levers of the incumbent that have turned harmful, by concurrent controls. */
  private AegisState takeOut(AegisState state, List<Decision> decisions) {
    LeverSpace space = space(state);
    AegisState lighter = state;
    for (LeverWatch.Alarm alarm :
        new LeverWatch(settings.watch())
            .alarms(state.assignment(), space.factors(), state.evidence(), state.round())) {
      Assignment without = lighter.assignment().with(alarm.factor(), alarm.factor().reference());
      Optional<HarnessConfig> harness = space.harness(without);
      if (harness.isEmpty()) {
        decisions.add(
            new Decision.Concerned(
                alarm.lever(), "it has turned harmful and the harness does not work without it"));
        continue;
      }
      decisions.add(
          new Decision.Reverted(
              hash(lighter.incumbent()),
              hash(harness.get()),
              alarm.lever(),
              alarm.effect(),
              alarm.window()));
      lighter =
          lighter
              .under(without, harness.get())
              .resting(List.of(alarm.lever()), state.round() + 1 + settings.rest());
    }
    return lighter;
  }

  /** One bundle of all that helps with high probability, or the reason why there is none. */
  private Optional<Bundle> criticise(
      AegisState state, Landscape landscape, List<Decision> decisions) {
    Waiting waiting = state.waiting();
    if (waiting != null) {
      return idle(
          "%s waits for a person, and nothing else is tested".formatted(waiting.id()), decisions);
    }
    double failing = landscape.digest().failingShare();
    if (failing < settings.actionable()) {
      return idle(
          "nothing is actionable: tasks fail at a rate of %.3f".formatted(failing), decisions);
    }
    LeverSpace space = space(state);
    Set<Lever> blocked = new TreeSet<>(state.resting(state.round()));
    Portfolio portfolio =
        new Portfolio(state.shipments().stream().flatMap(Shipment::ships).toList());
    Set<Lever> shipped = new TreeSet<>();
    state.shipments().forEach(one -> shipped.addAll(one.levers()));
    for (Lever lever : portfolio.blocked(shipped, state.round())) {
      decisions.add(
          new Decision.Concerned(
              lever, "it keeps shipping, and too few of its predictions come true"));
      blocked.add(lever);
    }
    for (RewardWatch.Suspicion suspicion :
        new RewardWatch(settings.effects())
            .suspicions(state.assignment(), space.factors(), state.evidence(), state.round())) {
      decisions.add(new Decision.Concerned(suspicion.lever(), suspicion.reason()));
      blocked.add(suspicion.lever());
    }
    Bundler.Choice choice =
        new Bundler(settings.bundle())
            .choose(
                state.assignment(),
                space.factors(),
                posterior(state, space.factors()),
                state.evidence(),
                blocked);
    if (choice.bundle().isEmpty()) {
      return idle(choice.reason(), decisions);
    }
    List<Regressions.Lost> lost = unaddressed(state, landscape, choice.bundle().get());
    if (lost.isEmpty()) {
      return choice.bundle();
    }
    String reason = Regressions.reason(lost);
    decisions.add(new Decision.Concerned(lost.getFirst().ship().levers().getFirst(), reason));
    return idle(reason, decisions);
  }

  /** Tasks that an earlier bundle has lost and this one does nothing about. */
  private List<Regressions.Lost> unaddressed(AegisState state, Landscape landscape, Bundle bundle) {
    LeverSpace space = space(state);
    Set<FailureCategory> cures = new TreeSet<>();
    types(space, bundle).forEach(type -> cures.addAll(type.addresses()));
    return Regressions.of(
            landscape.digest().tasks(),
            state.history(),
            state.shipments().stream()
                .map(one -> new Regressions.Ship(one.id(), one.round(), one.levers()))
                .toList(),
            lever ->
                space.factors().stream()
                    .filter(factor -> factor.id().equals(lever.factor()))
                    .anyMatch(factor -> state.assignment().level(factor).equals(lever.level())))
        .unaddressed(bundle, cures);
  }

  private static Optional<Bundle> idle(String reason, List<Decision> decisions) {
    decisions.add(new Decision.Idle(reason));
    return Optional.empty();
  }

  /** The tests of a round: of its bundle, and of parts of it. */
  private final class Trials {
    private final Observed observed;
    private final Landscape landscape;
    private final Rehearsal rehearsal;
    private final List<Decision> decisions;
    private int bundles;

    Trials(Observed observed, Landscape landscape, Rehearsal rehearsal, List<Decision> decisions) {
      this.observed = observed;
      this.landscape = landscape;
      this.rehearsal = rehearsal;
      this.decisions = decisions;
    }

    /** Ships, forks, bisects or rejects. */
    AegisState settle(AegisState state, Bundle bundle) {
      LeverSpace space = space(state);
      Optional<HarnessConfig> config = space.harness(bundle.candidate());
      if (config.isEmpty()) {
        decisions.add(new Decision.Idle("%s do not go together".formatted(levers(bundle))));
        return bisect(state, bundle, true);
      }
      Posterior posterior = posterior(state, space.factors());
      int pairs = affordable(state);
      Optional<String> tooWeak = tooWeak(state, bundle, posterior, pairs);
      if (tooWeak.isPresent()) {
        decisions.add(new Decision.Idle(tooWeak.get()));
        return state;
      }
      HarnessConfig candidate = config.get();
      Manifest manifest =
          manifests.of(
              bundle,
              types(space, bundle),
              state.incumbent(),
              candidate,
              landscape,
              state.round(),
              ++bundles);
      List<LeverEffect> effects =
          LeverEffect.of(bundle.changes(), state.assignment(), posterior, state.evidence());
      decisions.add(new Decision.Bundled(manifest, effects));
      Gate.Ruling ruling =
          gate.judge(
              state.incumbent(),
              candidate,
              manifest,
              observed.under(arm -> hasAny(arm, bundle)),
              new Proof.Terms(
                  bundle.winShare(),
                  EffectModel.fit(
                          state.evidence(),
                          space.factors(),
                          state.round(),
                          settings.effects().sceptical())
                      .effects(state.assignment(), bundle.candidate()),
                  pairs),
              rehearsal,
              state.gate());
      AegisState tested =
          state
              .tested(ruling.account(), 2 * ruling.pairs().size())
              .with(learnt(state, bundle, ruling.pairs()));
      return switch (ruling.answer()) {
        case GateAnswer.Ship(Proof proof) ->
            ship(
                tested,
                bundle,
                manifest,
                candidate,
                LogicMap.of(state.incumbent(), manifest, effects, proof));
        case GateAnswer.Fork(List<String> harmed, String reason, Proof proof) -> {
          decisions.add(new Decision.Rejected(manifest.id(), Check.SEESAW, reason, false, proof));
          yield bisect(tested, bundle, false);
        }
        case GateAnswer.Reject(Check check, String reason, Proof proof) -> {
          decisions.add(
              new Decision.Rejected(manifest.id(), check, reason, check == Check.RED_LINES, proof));
          yield bisect(tested, bundle, check != Check.SEESAW);
        }
      };
    }

    private AegisState ship(
        AegisState state, Bundle bundle, Manifest manifest, HarnessConfig candidate, LogicMap map) {
      Shipment shipment =
          new Shipment(
              manifest.id(),
              state.round(),
              bundle.incumbent(),
              bundle.candidate(),
              bundle.changes().stream().map(Assignment.Change::lever).toList(),
              manifest.predictions().stream()
                  .map(one -> new Shipment.Claim(one, Prediction.Score.OPEN))
                  .toList());
      Risk risk = Risk.of(state.incumbent(), candidate, registry);
      if (settings.approval().asks(risk)) {
        decisions.add(new Decision.Awaiting(manifest.id(), hash(candidate), risk, map));
        return state.waitingFor(new Waiting(shipment, candidate, hash(candidate), risk, map));
      }
      decisions.add(new Decision.Shipped(manifest.id(), hash(candidate), map));
      return state.shipped(shipment, bundle.candidate(), candidate);
    }

    /**
     * Goes on with the surer half. Where the harness itself was at fault the other half is tried,
     * too, and what is to blame alone rests.
     */
    private AegisState bisect(AegisState state, Bundle bundle, boolean isAtFault) {
      Optional<Bundle.Halves> halves = bundle.halves(posterior(state, space(state).factors()));
      if (halves.isEmpty()) {
        return isAtFault
            ? state.resting(
                List.of(bundle.changes().getFirst().lever()), state.round() + 1 + settings.rest())
            : state;
      }
      Bundle surer = halves.get().surer();
      Bundle other = halves.get().other();
      decisions.add(new Decision.Bisected(levers(surer), levers(other)));
      AegisState halved = settle(state, surer);
      boolean isUnchanged =
          halved.assignment().equals(state.assignment()) && halved.waiting() == null;
      return isAtFault && isUnchanged ? settle(halved, other) : halved;
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
  }

  private int affordable(AegisState state) {
    return new GateBudget(settings.gate().episodesPerRound(), state.gateEpisodes())
        .pairs(state.evolved());
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

  private static AegisState decline(
      AegisState state, Waiting waiting, Word word, List<Decision> decisions) {
    decisions.add(new Decision.Declined(waiting.id(), word.by(), word.at(), word.note()));
    return state.resting(waiting.bundle().levers(), AegisState.FOR_GOOD);
  }

  /** The incumbent may be another one by now, so the changes are made and admitted anew. */
  private AegisState approve(
      AegisState state, Waiting waiting, Word word, List<Decision> decisions) {
    decisions.add(new Decision.Approved(waiting.id(), word.by(), word.at(), word.note()));
    LeverSpace space = space(state);
    Assignment assignment = state.assignment();
    for (Assignment.Change change :
        waiting.bundle().from().changesTo(waiting.bundle().to(), space.factors())) {
      assignment = change.appliedTo(assignment);
    }
    Optional<HarnessConfig> config = space.harness(assignment);
    Optional<Admission.Refusal> refusal =
        config.isEmpty()
            ? Optional.of(
                new Admission.Refusal(
                    Admission.Ground.COMPILATION, "it does not go with the present incumbent"))
            : admission
                .canonicalForm(state.incumbent(), config.get())
                .or(() -> admission.redLines(state.incumbent(), config.get()));
    if (refusal.isPresent()) {
      decisions.add(
          new Decision.Rejected(
              waiting.id(),
              check(refusal.get().ground()),
              refusal.get().reason(),
              refusal.get().quarantines(),
              null));
      return state;
    }
    HarnessConfig harness = config.orElseThrow();
    decisions.add(new Decision.Shipped(waiting.id(), hash(harness), waiting.map()));
    return state.shipped(waiting.bundle(), assignment, harness);
  }

  private static Check check(Admission.Ground ground) {
    return switch (ground) {
      case ANOTHER_EDIT -> Check.MANIFEST;
      case CANONICAL_FORM -> Check.CANONICAL_FORM;
      case RED_LINES -> Check.RED_LINES;
      case COMPILATION -> Check.BUILD_AND_SMOKE;
    };
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

  /** Asked for several times a round, and of a second or so at many levers. */
  private Posterior posterior(AegisState state, List<Factor> factors) {
    int round = Math.max(0, state.round());
    Fitted now = fitted;
    if (now == null
        || now.round() != round
        || !now.factors().equals(factors)
        || !now.evidence().equals(state.evidence())) {
      now =
          new Fitted(
              round,
              factors,
              state.evidence(),
              EffectModel.fit(state.evidence(), factors, round, settings.effects()));
      fitted = now;
    }
    return now.posterior();
  }

  private record Fitted(int round, List<Factor> factors, Evidence evidence, Posterior posterior) {}

  private String hash(HarnessConfig harness) {
    return harness.hash(registry);
  }

  /** The levers there are, which change only when new ones are proposed. */
  private LeverSpace space(AegisState state) {
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

  private record KnownSpace(HarnessConfig start, List<ProposedLever> proposed, LeverSpace space) {}

  /** Harnesses by assignment; one that behaves as the incumbent does is the incumbent. */
  private final class Versions {
    private final LeverSpace space;
    private final RoundPlan.Arm incumbent;
    private final Map<Assignment, RoundPlan.Arm> byAssignment = new HashMap<>();
    private final Map<String, RoundPlan.Arm> byHash = new HashMap<>();

    Versions(AegisState state, LeverSpace space) {
      this.space = space;
      this.incumbent =
          new RoundPlan.Arm(state.assignment(), state.incumbent(), hash(state.incumbent()));
      byAssignment.put(state.assignment(), incumbent);
      byHash.put(incumbent.hash(), incumbent);
    }

    RoundPlan.Arm incumbent() {
      return incumbent;
    }

    RoundPlan.Arm arm(Assignment assignment) {
      return byAssignment.computeIfAbsent(
          assignment,
          key ->
              space
                  .harness(key)
                  .map(harness -> new RoundPlan.Arm(key, harness, hash(harness)))
                  .map(arm -> byHash.computeIfAbsent(arm.hash(), hash -> arm))
                  .orElse(incumbent));
    }
  }
}
