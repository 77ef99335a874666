package dev.tandem.aegis;

import dev.tandem.aegis.critique.Assessment;
import dev.tandem.aegis.digest.Digest;
import dev.tandem.aegis.digest.TaskDigest;
import dev.tandem.aegis.digest.TaskRecord;
import dev.tandem.aegis.drift.DriftMonitor;
import dev.tandem.aegis.evolve.Candidate;
import dev.tandem.aegis.gate.GateAccount;
import dev.tandem.aegis.plan.Reputations;
import dev.tandem.aegis.plan.TriedEdit;
import dev.tandem.aegis.plan.TriedEdit.Fate;
import dev.tandem.harness.config.HarnessConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Everything evolution remembers between rounds. Jackson writes it to JSON and reads it back
 * exactly, so that a run resumes from it.
 *
 * @param round the last round that was evolved, -1 before the first
 * @param incumbent the harness that training runs under
 * @param challenger the candidate that half of the next round's episodes run under, null for none
 * @param versions what the incumbent replaced, oldest first
 * @param reputations how edit families have fared
 * @param tried every edit that was tried, oldest first
 * @param history recent rounds by task, oldest first
 * @param gate what the gate has spent
 * @param proposals challengers so far
 * @param drift the watch over the incumbent
 * @param waiting the edit that has passed the gate and waits for a person, null for none; nothing
 *     else is tried meanwhile
 */
public record AegisState(
    int round,
    HarnessConfig incumbent,
    @Nullable Candidate challenger,
    List<HarnessConfig> versions,
    Reputations reputations,
    List<TriedEdit> tried,
    SortedMap<String, List<TaskRecord>> history,
    GateAccount gate,
    int proposals,
    DriftMonitor drift,
    @Nullable Waiting waiting) {
  private static final int ROUNDS_PER_TASK = 4;

  /** Rounds after which a task that has not come up again is forgotten. */
  private static final int MEMORY = 12;

  public AegisState {
    versions = List.copyOf(versions);
    tried = List.copyOf(tried);
    SortedMap<String, List<TaskRecord>> copy = new TreeMap<>();
    history.forEach((task, records) -> copy.put(task, List.copyOf(records)));
    history = Collections.unmodifiableSortedMap(copy);
  }

  /** Where a run begins. */
  public static AegisState initial(HarnessConfig harness) {
    return new AegisState(
        -1,
        harness,
        null,
        List.of(),
        Reputations.NONE,
        List.of(),
        new TreeMap<>(),
        GateAccount.OPENED,
        0,
        DriftMonitor.NEW,
        null);
  }

  AegisState observed(int newRound, DriftMonitor newDrift) {
    return new AegisState(
        newRound,
        incumbent,
        challenger,
        versions,
        reputations,
        tried,
        history,
        gate,
        proposals,
        newDrift,
        waiting);
  }

  /** The challenger's fate is known; it is none any more, and the incumbent if it shipped. */
  AegisState settled(Candidate candidate, Fate fate, Assessment assessment, GateAccount newGate) {
    boolean shipped = fate == Fate.SHIPPED;
    return new AegisState(
        round,
        shipped ? candidate.config() : incumbent,
        null,
        shipped ? with(versions, incumbent) : versions,
        reputations.after(candidate.family(), candidate.targets(), shipped),
        with(
            tried,
            new TriedEdit(
                candidate.edit(),
                round,
                fate,
                candidate.targets(),
                candidate.addressed(),
                assessment.hits(),
                assessment.predictions())),
        history,
        newGate,
        proposals,
        shipped ? drift.afterShip() : drift,
        waiting);
  }

  /** The challenger has passed the gate and is none any more: a person has to speak first. */
  AegisState awaiting(Waiting edit, GateAccount newGate) {
    return new AegisState(
        round,
        incumbent,
        null,
        versions,
        reputations,
        tried,
        history,
        newGate,
        proposals,
        drift,
        edit);
  }

  /** A person has spoken about the edit that waits; its harness ships or does not. */
  AegisState answered(Candidate candidate, Fate fate, Assessment assessment) {
    return new AegisState(
            round,
            incumbent,
            challenger,
            versions,
            reputations,
            tried,
            history,
            gate,
            proposals,
            drift,
            null)
        .settled(candidate, fate, assessment, gate);
  }

  /** A proposal was refused before it played; once is enough to remember. */
  AegisState refused(Candidate candidate, Fate fate) {
    if (tried.stream()
        .anyMatch(one -> one.edit().equals(candidate.edit()) && one.fate() == Fate.QUARANTINED)) {
      return this;
    }
    return new AegisState(
        round,
        incumbent,
        challenger,
        versions,
        reputations,
        with(
            tried,
            new TriedEdit(
                candidate.edit(), round, fate, candidate.targets(), candidate.addressed(), 0, 0)),
        history,
        gate,
        proposals,
        drift,
        waiting);
  }

  /**
   * The version before is the incumbent again; the edit that replaced it is held to have failed.
   */
  AegisState reverted() {
    List<TriedEdit> edits = new ArrayList<>(tried);
    Reputations changed = reputations;
    for (int i = edits.size() - 1; i >= 0; i--) {
      TriedEdit edit = edits.get(i);
      if (edit.fate() == Fate.SHIPPED) {
        edits.set(i, edit.withFate(round, Fate.REVERTED));
        changed = reputations.after(edit.family(), edit.targets(), false);
        break;
      }
    }
    return new AegisState(
        round,
        versions.getLast(),
        null,
        versions.subList(0, versions.size() - 1),
        changed,
        edits,
        history,
        gate,
        proposals,
        drift.afterRevert(),
        waiting);
  }

  /** The digest's tasks are remembered. */
  AegisState remembering(Digest digest) {
    SortedMap<String, List<TaskRecord>> updated = new TreeMap<>(history);
    for (TaskDigest task : digest.tasks()) {
      List<TaskRecord> records =
          with(
              updated.getOrDefault(task.task(), List.of()),
              new TaskRecord(round, task.successes(), task.attempts()));
      updated.put(
          task.task(),
          records.subList(Math.max(0, records.size() - ROUNDS_PER_TASK), records.size()));
    }
    updated.values().removeIf(records -> records.getLast().round() < round - MEMORY);
    return new AegisState(
        round,
        incumbent,
        challenger,
        versions,
        reputations,
        tried,
        updated,
        gate,
        proposals,
        drift,
        waiting);
  }

  AegisState challengedBy(Candidate candidate) {
    return new AegisState(
        round,
        incumbent,
        candidate,
        versions,
        reputations,
        tried,
        history,
        gate,
        proposals + 1,
        drift,
        waiting);
  }

  private static <T> List<T> with(List<T> list, T last) {
    List<T> longer = new ArrayList<>(list);
    longer.add(last);
    return longer;
  }
}
