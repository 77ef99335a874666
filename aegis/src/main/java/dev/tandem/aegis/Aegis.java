package dev.tandem.aegis;

import dev.tandem.aegis.critique.Portfolio;
import dev.tandem.aegis.critique.Prediction;
import dev.tandem.aegis.critique.RewardWatch;
import dev.tandem.aegis.digest.Digest;
import dev.tandem.aegis.digest.Digester;
import dev.tandem.aegis.digest.TaskDigest;
import dev.tandem.aegis.evolve.LeverSpace;
import dev.tandem.aegis.evolve.MetaAgent;
import dev.tandem.aegis.gate.Check;
import dev.tandem.aegis.gate.Rehearsal;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.oversight.Admission;
import dev.tandem.aegis.oversight.Word;
import dev.tandem.aegis.plan.Landscape;
import dev.tandem.aegis.plan.Planner;
import dev.tandem.aegis.route.Variant;
import dev.tandem.aegis.route.VariantPool;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.EffectModel;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.aegis.screen.Posterior;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.spi.FailureTaxonomy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Evolves the harness between training rounds. Every round is a factorial experiment: its tasks are
 * played under many harness versions at once, {@link #plan} says under which, and {@link #evolve}
 * learns from all episodes what every lever does, bundles what helps, and lets the gate decide. All
 * of it is a function of state, evidence and rehearsal; every decision goes to the ledger.
 */
public final class Aegis {
  private final AegisSettings settings;
  private final ProcessorRegistry registry;
  private final Ledger ledger;
  private final Digester digester;
  private final MetaAgent agent;
  private final Knowledge known;
  private final Admission admission;

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
    this.ledger = ledger;
    this.agent = agent;
    this.digester = new Digester(registry, failures);
    this.known = new Knowledge(settings, registry, met);
    this.admission = new Admission(registry, settings.redLines());
  }

  /**
   * Which harness plays each attempt of a round's tasks: the variant that serves the task in some,
   * and in the others that variant with a random part of the levers, each as often as it may help.
   * What does not go together is played under the variant; where there are several, one attempt at
   * a task is another variant's, for comparison.
   *
   * @param attempts at each task, at least 1
   * @param seed of the round
   */
  public RoundPlan plan(
      AegisState state, int round, Collection<TaskSpec> tasks, int attempts, long seed) {
    return new Arms(settings.screen(), known, state).plan(round, tasks, attempts, seed);
  }

  /** A round in which nothing plays but what is in force. */
  public RoundPlan incumbentOnly(AegisState state, Collection<TaskSpec> tasks, int attempts) {
    return new Arms(settings.screen(), known, state).inForce(tasks, attempts);
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
    List<RewardWatch.Suspicion> suspects = suspects(state);
    Upkeep upkeep = new Upkeep(settings, known, decisions);
    state = upkeep.takeOut(state);
    state = upkeep.takeOut(state, suspects);
    state = upkeep.retire(state);
    Optional<Set<Lever>> blocked = criticise(state, landscape, suspects, decisions);
    if (blocked.isPresent()) {
      Trials.Round round =
          new Trials.Round(observed, landscape, rehearsal, blocked.get(), decisions);
      state = new Trials(settings, registry, known, round).settle(state);
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
    List<TaskDigest> tasks = new ArrayList<>();
    for (Variant variant : state.pool().variants()) {
      tasks.addAll(
          digester
              .digest(variant.harness(), observed.under(variant, state.pool()), state.history())
              .tasks());
    }
    tasks.sort(Comparator.comparing(TaskDigest::task));
    return new Digest(tasks);
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
                () -> effects(informed(state, observed)).stream().map(LeverEffect::line).toList(),
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
            observed.observations().size(), informed.evidence().episodes(), effects(informed)));
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

  private List<LeverEffect> effects(AegisState state) {
    return LeverEffect.all(
        state.assignment(), space(state).factors(), known.posterior(state), state.evidence());
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
                settings.effects())
            .within(shipment.scope());
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

  /** Levers that game the verifier, in force or not. */
  private List<RewardWatch.Suspicion> suspects(AegisState state) {
    return new RewardWatch(settings.effects())
        .suspicions(
            state.pool().variants().stream().map(Variant::assignment).toList(),
            space(state).factors(),
            state.evidence(),
            state.round());
  }

  /** Levers that must not be switched to in this round; empty when nothing is to be tested. */
  private Optional<Set<Lever>> criticise(
      AegisState state,
      Landscape landscape,
      List<RewardWatch.Suspicion> suspects,
      List<Decision> decisions) {
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
    for (RewardWatch.Suspicion suspicion : suspects) {
      if (blocked.add(suspicion.lever())) {
        decisions.add(new Decision.Concerned(suspicion.lever(), suspicion.reason()));
      }
    }
    return Optional.of(blocked);
  }

  private static Optional<Set<Lever>> idle(String reason, List<Decision> decisions) {
    decisions.add(new Decision.Idle(reason));
    return Optional.empty();
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
    Target target = Target.of(state.pool(), waiting.bundle().scope());
    HarnessConfig incumbent = target.variant().harness();
    Assignment assignment = target.variant().assignment();
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
                .canonicalForm(incumbent, config.get())
                .or(() -> admission.redLines(incumbent, config.get()));
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
    VariantPool pool = target.shipped(state.pool(), waiting.id(), assignment, harness);
    decisions.add(target.decided(pool, waiting.id(), hash(harness), waiting.map()));
    return new Places(settings, known)
        .settle(state.shipped(waiting.bundle(), pool), waiting.id(), decisions);
  }

  private static Check check(Admission.Ground ground) {
    return switch (ground) {
      case ANOTHER_EDIT -> Check.MANIFEST;
      case CANONICAL_FORM -> Check.CANONICAL_FORM;
      case RED_LINES -> Check.RED_LINES;
      case COMPILATION -> Check.BUILD_AND_SMOKE;
    };
  }

  private LeverSpace space(AegisState state) {
    return known.space(state);
  }

  private String hash(HarnessConfig harness) {
    return known.hash(harness);
  }
}
