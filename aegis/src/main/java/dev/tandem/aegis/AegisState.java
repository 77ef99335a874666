package dev.tandem.aegis;

import dev.tandem.aegis.digest.Digest;
import dev.tandem.aegis.digest.TaskDigest;
import dev.tandem.aegis.digest.TaskRecord;
import dev.tandem.aegis.evolve.MetaAccount;
import dev.tandem.aegis.evolve.ProposedLever;
import dev.tandem.aegis.gate.GateAccount;
import dev.tandem.aegis.plan.Concern;
import dev.tandem.aegis.route.VariantPool;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.Evidence;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.harness.config.HarnessConfig;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Everything evolution remembers between rounds. Jackson writes it to JSON and reads it back
 * exactly, so that a run resumes from it. What is known of the levers is a function of the evidence
 * and is not stored.
 *
 * @param round the last round that was evolved, -1 before the first
 * @param evolved how many rounds were
 * @param start the harness that the run began with: every factor at its reference
 * @param pool the harnesses in force, and what each of them serves
 * @param levers proposed by the meta-agent beyond what metadata gives, oldest first
 * @param meta what the meta-agent has cost, and what it need not propose again
 * @param evidence recent episodes by task and harness version
 * @param history recent rounds of the incumbent by task, oldest first
 * @param shipments what has shipped, oldest first, and what was said of it
 * @param rests levers that must not play for a while, oldest first
 * @param concerns what critic and gate said of levers in the last rounds that still stands
 * @param gate what the gate has spent of its error
 * @param gateEpisodes what it has spent of its episodes
 * @param waiting the bundle that has passed the gate and waits for a person, null for none; nothing
 *     else is tested meanwhile
 */
public record AegisState(
    int round,
    int evolved,
    HarnessConfig start,
    VariantPool pool,
    List<ProposedLever> levers,
    MetaAccount meta,
    Evidence evidence,
    SortedMap<String, List<TaskRecord>> history,
    List<Shipment> shipments,
    List<Rest> rests,
    List<Concern> concerns,
    GateAccount gate,
    int gateEpisodes,
    @Nullable Waiting waiting) {
  /** A lever rests until someone allows it again. */
  static final int FOR_GOOD = Integer.MAX_VALUE;

  private static final int ROUNDS_PER_TASK = 4;

  /** Rounds after which a task that has not come up again is forgotten. */
  private static final int MEMORY = 12;

  public AegisState {
    levers = List.copyOf(levers);
    SortedMap<String, List<TaskRecord>> copy = new TreeMap<>();
    history.forEach((task, records) -> copy.put(task, List.copyOf(records)));
    history = Collections.unmodifiableSortedMap(copy);
    shipments = List.copyOf(shipments);
    rests = List.copyOf(rests);
    concerns = List.copyOf(concerns);
  }

  /**
   * A lever that does not play.
   *
   * @param until the first round in which it may again
   */
  public record Rest(Lever lever, int until) {}

  /** Where a run begins. */
  public static AegisState initial(HarnessConfig harness) {
    return new AegisState(
        -1,
        0,
        harness,
        VariantPool.of(Assignment.REFERENCE, harness),
        List.of(),
        MetaAccount.OPENED,
        Evidence.NONE,
        new TreeMap<>(),
        List.of(),
        List.of(),
        List.of(),
        GateAccount.OPENED,
        0,
        null);
  }

  /** The levers that must not play in a round. */
  Set<Lever> resting(int inRound) {
    Set<Lever> resting = new TreeSet<>();
    rests.stream()
        .filter(rest -> inRound < rest.until())
        .forEach(rest -> resting.add(rest.lever()));
    return resting;
  }

  /** Another round has come; what has rested enough may play again. */
  AegisState begun(int newRound) {
    Draft next = new Draft(this);
    next.round = newRound;
    next.evolved = evolved + 1;
    next.rests = rests.stream().filter(rest -> newRound < rest.until()).toList();
    return next.state();
  }

  AegisState with(Evidence newEvidence) {
    Draft next = new Draft(this);
    next.evidence = newEvidence;
    return next.state();
  }

  /** More levers, and what they cost. */
  AegisState offered(Collection<ProposedLever> more, MetaAccount account) {
    List<ProposedLever> all = new ArrayList<>(levers);
    all.addAll(more);
    Draft next = new Draft(this);
    next.levers = all;
    next.meta = account;
    return next.state();
  }

  AegisState scored(List<Shipment> newShipments) {
    Draft next = new Draft(this);
    next.shipments = newShipments;
    return next.state();
  }

  AegisState resting(Collection<Lever> tired, int until) {
    List<Rest> all = new ArrayList<>(rests);
    all.removeIf(rest -> tired.contains(rest.lever()) && rest.until() <= until);
    tired.forEach(lever -> all.add(new Rest(lever, until)));
    Draft next = new Draft(this);
    next.rests = all;
    return next.state();
  }

  AegisState concernedBy(List<Concern> standing) {
    Draft next = new Draft(this);
    next.concerns = standing;
    return next.state();
  }

  /** A test was made. */
  AegisState tested(GateAccount newGate, int episodes) {
    Draft next = new Draft(this);
    next.gate = newGate;
    next.gateEpisodes = gateEpisodes + episodes;
    return next.state();
  }

  /** The harness in force where there is no variant. */
  public HarnessConfig incumbent() {
    return pool.base().harness();
  }

  /** The same as levels of factors. */
  public Assignment assignment() {
    return pool.base().assignment();
  }

  /** Another harness is in force where there is no variant. */
  AegisState under(Assignment newAssignment, HarnessConfig harness) {
    return under(pool.with(pool.base().under(newAssignment, harness)));
  }

  /** Other harnesses are in force. */
  AegisState under(VariantPool newPool) {
    Draft next = new Draft(this);
    next.pool = newPool;
    return next.state();
  }

  AegisState shipped(Shipment shipment, VariantPool newPool) {
    List<Shipment> all = new ArrayList<>(shipments);
    all.add(shipment);
    return scored(all).under(newPool);
  }

  AegisState waitingFor(@Nullable Waiting bundle) {
    Draft next = new Draft(this);
    next.waiting = bundle;
    return next.state();
  }

  /** The digest's tasks are remembered. */
  AegisState remembering(Digest digest) {
    SortedMap<String, List<TaskRecord>> updated = new TreeMap<>(history);
    for (TaskDigest task : digest.tasks()) {
      List<TaskRecord> records = new ArrayList<>(updated.getOrDefault(task.task(), List.of()));
      records.add(new TaskRecord(round, task.successes(), task.attempts()));
      updated.put(
          task.task(),
          records.subList(Math.max(0, records.size() - ROUNDS_PER_TASK), records.size()));
    }
    updated.values().removeIf(records -> records.getLast().round() < round - MEMORY);
    Draft next = new Draft(this);
    next.history = updated;
    return next.state();
  }

  /** A state in the making, so that each step names only what it changes. */
  private static final class Draft {
    private int round;
    private int evolved;
    private HarnessConfig start;
    private VariantPool pool;
    private List<ProposedLever> levers;
    private MetaAccount meta;
    private Evidence evidence;
    private SortedMap<String, List<TaskRecord>> history;
    private List<Shipment> shipments;
    private List<Rest> rests;
    private List<Concern> concerns;
    private GateAccount gate;
    private int gateEpisodes;
    private @Nullable Waiting waiting;

    Draft(AegisState from) {
      round = from.round;
      evolved = from.evolved;
      start = from.start;
      pool = from.pool;
      levers = from.levers;
      meta = from.meta;
      evidence = from.evidence;
      history = from.history;
      shipments = from.shipments;
      rests = from.rests;
      concerns = from.concerns;
      gate = from.gate;
      gateEpisodes = from.gateEpisodes;
      waiting = from.waiting;
    }

    AegisState state() {
      return new AegisState(
          round,
          evolved,
          start,
          pool,
          levers,
          meta,
          evidence,
          history,
          shipments,
          rests,
          concerns,
          gate,
          gateEpisodes,
          waiting);
    }
  }
}
