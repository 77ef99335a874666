package dev.tandem.aegis;

import dev.tandem.aegis.critique.Assessment;
import dev.tandem.aegis.critique.Critic;
import dev.tandem.aegis.digest.Digest;
import dev.tandem.aegis.digest.Digester;
import dev.tandem.aegis.evolve.Candidate;
import dev.tandem.aegis.evolve.ManifestWriter;
import dev.tandem.aegis.evolve.MetaAgent;
import dev.tandem.aegis.evolve.SymbolicMetaAgent;
import dev.tandem.aegis.gate.Check;
import dev.tandem.aegis.gate.Gate;
import dev.tandem.aegis.gate.GateAnswer;
import dev.tandem.aegis.gate.Rehearsal;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.oversight.Admission;
import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.aegis.oversight.Risk;
import dev.tandem.aegis.oversight.Word;
import dev.tandem.aegis.plan.EditSpace;
import dev.tandem.aegis.plan.Landscape;
import dev.tandem.aegis.plan.Planner;
import dev.tandem.aegis.plan.TriedEdit.Fate;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.spi.FailureTaxonomy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Evolves the harness between training rounds. A round's challenger was proposed the round before
 * and played half of the training episodes beside the incumbent, so that the rollouts which train
 * the model also try the edit. All of it is a function of state, evidence and rehearsal; every
 * decision goes to the ledger.
 */
public final class Aegis {
  private final AegisSettings settings;
  private final ProcessorRegistry registry;
  private final Ledger ledger;
  private final Digester digester;
  private final Planner planner;
  private final MetaAgent agent;
  private final Critic critic;
  private final Gate gate;
  private final Admission admission;

  /** Evolution by the symbolic agent, with the red lines of the settings. */
  public Aegis(
      AegisSettings settings, ProcessorRegistry registry, FailureTaxonomy failures, Ledger ledger) {
    this(settings, registry, failures, ledger, settings.redLines());
  }

  /** Evolution by the symbolic agent, where no requirement of a processor type is met. */
  public Aegis(
      AegisSettings settings,
      ProcessorRegistry registry,
      FailureTaxonomy failures,
      Ledger ledger,
      RedLines redLines) {
    this(settings, registry, failures, ledger, redLines, Set.of());
  }

  /**
   * Evolution by the symbolic agent.
   *
   * @param met what there is of the requirements that processor types declare
   */
  public Aegis(
      AegisSettings settings,
      ProcessorRegistry registry,
      FailureTaxonomy failures,
      Ledger ledger,
      RedLines redLines,
      Set<Requirement> met) {
    this(
        settings,
        registry,
        failures,
        ledger,
        redLines,
        new EditSpace(registry, redLines, met),
        new SymbolicMetaAgent(
            new EditSpace(registry, redLines, met), new ManifestWriter(registry)));
  }

  /** Evolution by any agent. */
  public Aegis(
      AegisSettings settings,
      ProcessorRegistry registry,
      FailureTaxonomy failures,
      Ledger ledger,
      RedLines redLines,
      MetaAgent agent) {
    this(settings, registry, failures, ledger, redLines, new EditSpace(registry, redLines), agent);
  }

  private Aegis(
      AegisSettings settings,
      ProcessorRegistry registry,
      FailureTaxonomy failures,
      Ledger ledger,
      RedLines redLines,
      EditSpace space,
      MetaAgent agent) {
    this.settings = settings;
    this.registry = registry;
    this.ledger = ledger;
    this.agent = agent;
    this.digester = new Digester(registry, failures);
    this.planner = new Planner(space);
    this.critic = new Critic(settings.endorsement());
    this.gate = new Gate(settings.gate(), registry, redLines);
    this.admission = new Admission(registry, redLines);
  }

  /**
   * One round: watch for drift, settle the challenger, digest what the incumbent does wrong, and
   * pick the next challenger.
   *
   * @throws IllegalArgumentException if the evidence is not of a later round, or not of these
   *     harnesses
   */
  public AegisResult evolve(AegisState state, RoundEvidence evidence, Rehearsal rehearsal) {
    if (evidence.round() <= state.round()) {
      throw new IllegalArgumentException(
          "evolution has seen round %d: the next must be later, was %d"
              .formatted(state.round(), evidence.round()));
    }
    Arms arms = Arms.of(evidence.train(), state, registry);
    List<Decision> decisions = new ArrayList<>();
    AegisState next = advance(state, evidence, arms, rehearsal, decisions);
    for (Decision decision : decisions) {
      ledger.append(evidence.round(), decision.kind(), decision);
    }
    return new AegisResult(next, decisions);
  }

  private AegisState advance(
      AegisState state,
      RoundEvidence evidence,
      Arms arms,
      Rehearsal rehearsal,
      List<Decision> decisions) {
    AegisState observed =
        state.observed(evidence.round(), state.drift().observe(arms.incumbent(), settings.drift()));
    if (observed.drift().alarms(settings.drift())) {
      return revert(observed, decisions);
    }
    AegisState settled = settle(observed, arms, rehearsal, decisions);
    boolean shipped = !settled.incumbent().equals(state.incumbent());
    List<Trajectory> traces = shipped ? arms.challenger() : arms.incumbent();
    Digest digest = digester.digest(settled.incumbent(), traces, settled.history());
    Landscape landscape = planner.plan(digest, settled.incumbent(), settled.tried());
    decisions.add(digested(landscape));
    AegisState informed = settled.remembering(digest);
    return informed.challenger() == null
        ? challenge(informed, landscape, evidence.seed(), decisions)
        : informed;
  }

  /**
   * A person's word on the edit that waits, before a round is played: from then on the edit is part
   * of the incumbent, if it still fits it, or never comes again.
   *
   * @param round the one that is about to be played
   * @throws dev.tandem.aegis.oversight.WordException when it is about another edit
   */
  public AegisResult hear(AegisState state, int round, Word word) {
    Waiting waiting = state.waiting();
    if (waiting == null) {
      throw new IllegalArgumentException("no edit waits for a word on " + word.candidate());
    }
    word.requireAbout(waiting.id(), waiting.harness());
    List<Decision> decisions = new ArrayList<>();
    AegisState next =
        word.approved()
            ? approve(state, waiting, word, decisions)
            : decline(state, waiting, word, decisions);
    for (Decision decision : decisions) {
      ledger.append(round, decision.kind(), decision);
    }
    return new AegisResult(next, decisions);
  }

  private static AegisState decline(
      AegisState state, Waiting waiting, Word word, List<Decision> decisions) {
    decisions.add(new Decision.Declined(waiting.id(), word.by(), word.at(), word.note()));
    return state.answered(waiting.candidate(), Fate.DECLINED, waiting.map().trial());
  }

  /** The incumbent may be another one by now, so the edit is applied and admitted anew. */
  private AegisState approve(
      AegisState state, Waiting waiting, Word word, List<Decision> decisions) {
    decisions.add(new Decision.Approved(waiting.id(), word.by(), word.at(), word.note()));
    Candidate candidate = waiting.candidate();
    HarnessConfig config = candidate.config();
    if (!state.incumbent().equals(waiting.map().before())) {
      try {
        config = state.incumbent().apply(candidate.edit(), registry);
      } catch (HarnessException e) {
        config = candidate.config(); // admission says why it does not fit
      }
    }
    Optional<Admission.Refusal> refusal =
        admission.refusal(state.incumbent(), candidate.edit(), config);
    if (refusal.isPresent()) {
      decisions.add(
          new Decision.Rejected(
              candidate.id(),
              check(refusal.get().ground()),
              refusal.get().reason(),
              refusal.get().quarantines(),
              null));
      return state.answered(
          candidate,
          refusal.get().quarantines() ? Fate.QUARANTINED : Fate.REJECTED,
          waiting.map().trial());
    }
    decisions.add(new Decision.Shipped(candidate.id(), config.hash(registry), waiting.map()));
    return state.answered(candidate.with(config), Fate.SHIPPED, waiting.map().trial());
  }

  private static Check check(Admission.Ground ground) {
    return switch (ground) {
      case ANOTHER_EDIT -> Check.MANIFEST;
      case CANONICAL_FORM -> Check.CANONICAL_FORM;
      case RED_LINES -> Check.RED_LINES;
      case COMPILATION -> Check.BUILD_AND_SMOKE;
    };
  }

  /** Back to the last good version; what to try next is asked when it has been seen again. */
  private AegisState revert(AegisState state, List<Decision> decisions) {
    AegisState reverted = state.reverted();
    decisions.add(
        new Decision.Reverted(
            state.incumbent().hash(registry),
            reverted.incumbent().hash(registry),
            state.drift().cusum()));
    return reverted;
  }

  /** Critic and gate on the challenger, if there is one and it was rolled out. */
  private AegisState settle(
      AegisState state, Arms arms, Rehearsal rehearsal, List<Decision> decisions) {
    Candidate challenger = state.challenger();
    if (challenger == null) {
      return state;
    }
    if (arms.challenger().isEmpty()) {
      decisions.add(new Decision.Postponed(challenger.id()));
      return state;
    }
    Assessment assessment = critic.assess(challenger, arms.incumbent(), arms.challenger());
    decisions.add(new Decision.Assessed(challenger.id(), assessment));
    if (!assessment.endorsed()) {
      return state.settled(challenger, Fate.NOT_ENDORSED, assessment, state.gate());
    }
    Gate.Ruling ruling =
        gate.judge(state.incumbent(), challenger, arms.challenger(), rehearsal, state.gate());
    return switch (ruling.answer()) {
      case GateAnswer.Ship(var proof) -> {
        LogicMap map = LogicMap.of(state.incumbent(), challenger, assessment, proof);
        String hash = challenger.config().hash(registry);
        Risk risk = Risk.of(state.incumbent(), challenger.config(), registry);
        if (settings.approval().asks(risk)) {
          decisions.add(new Decision.Awaiting(challenger.id(), hash, risk, map));
          yield state.awaiting(new Waiting(challenger, hash, risk, map), ruling.account());
        }
        decisions.add(new Decision.Shipped(challenger.id(), hash, map));
        yield state.settled(challenger, Fate.SHIPPED, assessment, ruling.account());
      }
      case GateAnswer.Reject(var check, var reason, var proof) -> {
        boolean quarantined = check == Check.RED_LINES;
        decisions.add(new Decision.Rejected(challenger.id(), check, reason, quarantined, proof));
        yield state.settled(
            challenger,
            quarantined ? Fate.QUARANTINED : Fate.REJECTED,
            assessment,
            ruling.account());
      }
    };
  }

  /** The agent proposes, what may not play is refused, the critic picks of the rest. */
  private AegisState challenge(
      AegisState state, Landscape landscape, long seed, List<Decision> decisions) {
    if (state.waiting() != null) {
      decisions.add(
          new Decision.Idle(
              "%s waits for a person, and one thing is tried at a time"
                  .formatted(state.waiting().id())));
      return state;
    }
    double failing = landscape.digest().failingShare();
    if (failing < settings.actionable()) {
      decisions.add(
          new Decision.Idle(
              "nothing is actionable: tasks fail at a rate of %.3f".formatted(failing)));
      return state;
    }
    MetaAgent.Brief brief =
        new MetaAgent.Brief(
            state.round(),
            state.incumbent(),
            state.reputations(),
            state.tried(),
            settings.candidates(),
            explorationDue(state.proposals()) ? 1 : 0,
            settings.cooldown(),
            seed);
    AegisState admitted = state;
    List<Candidate> fit = new ArrayList<>();
    for (Candidate candidate : agent.propose(landscape, brief)) {
      Optional<Admission.Refusal> refusal =
          admission.refusal(state.incumbent(), candidate.edit(), candidate.config());
      if (refusal.isEmpty()) {
        fit.add(candidate);
      } else {
        admitted = refuse(admitted, candidate, refusal.get(), decisions);
      }
    }
    return choose(admitted, fit, landscape, decisions);
  }

  /** An edit that may not play takes no episode. */
  private static AegisState refuse(
      AegisState state, Candidate candidate, Admission.Refusal refusal, List<Decision> decisions) {
    boolean quarantined = refusal.quarantines();
    decisions.add(
        new Decision.Refused(
            candidate.id(),
            candidate.edit().describe(),
            refusal.ground(),
            refusal.reason(),
            quarantined));
    return state.refused(candidate, quarantined ? Fate.QUARANTINED : Fate.REJECTED);
  }

  private AegisState choose(
      AegisState state, List<Candidate> fit, Landscape landscape, List<Decision> decisions) {
    Critic.Choice choice =
        critic.choose(fit, landscape, state.reputations(), state.tried(), state.round());
    choice
        .concerns()
        .forEach(
            concern -> decisions.add(new Decision.Concerned(concern.family(), concern.reason())));
    if (choice.challenger().isEmpty()) {
      decisions.add(new Decision.Idle(choice.reason()));
      return state;
    }
    Candidate challenger = choice.challenger().get();
    decisions.add(new Decision.Proposed(challenger, choice.reason()));
    return state.challengedBy(challenger);
  }

  /** Whether the next challenger is one of the share that explores, spread evenly. */
  private boolean explorationDue(int proposals) {
    double share = settings.exploration();
    return Math.floor((proposals + 1) * share) > Math.floor(proposals * share);
  }

  private static Decision.Digested digested(Landscape landscape) {
    SortedMap<FailureCategory, Double> blame = new TreeMap<>();
    landscape
        .clusters()
        .forEach(cluster -> blame.merge(cluster.failure(), cluster.weight(), Double::sum));
    return new Decision.Digested(
        landscape.digest().attempts(),
        landscape.digest().successes(),
        blame,
        landscape.regressions().size());
  }
}
