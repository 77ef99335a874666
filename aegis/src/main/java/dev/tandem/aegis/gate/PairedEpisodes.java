package dev.tandem.aegis.gate;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.run.RolloutResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Gate episodes of the incumbent and the candidate on the same tasks, played as needed. */
final class PairedEpisodes {
  private final Rehearsal rehearsal;
  private final HarnessConfig incumbent;
  private final HarnessConfig candidate;
  private final int firstTask;
  private final int attempt;
  private final List<Pair> pairs = new ArrayList<>();
  private final List<PlayedBatch> batches = new ArrayList<>();
  private int played;

  /**
   * @param firstTask gate task to begin with
   * @param attempt handed on to the rehearsal
   */
  PairedEpisodes(
      Rehearsal rehearsal,
      HarnessConfig incumbent,
      HarnessConfig candidate,
      int firstTask,
      int attempt) {
    this.rehearsal = rehearsal;
    this.incumbent = incumbent;
    this.candidate = candidate;
    this.firstTask = firstTask;
    this.attempt = attempt;
  }

  /** One task under both. */
  record Pair(Trajectory incumbent, Trajectory candidate) {
    boolean won() {
      return candidate.verdict().success() && !incumbent.verdict().success();
    }

    boolean lost() {
      return incumbent.verdict().success() && !candidate.verdict().success();
    }

    String category() {
      return incumbent.task().category();
    }
  }

  /** Plays the next tasks; a pair that broke for reasons outside the agent says nothing. */
  void play(int count) {
    if (count == 0) {
      return;
    }
    RolloutResult before = rehearsal.run(incumbent, firstTask + played, count, attempt);
    RolloutResult after = rehearsal.run(candidate, firstTask + played, count, attempt);
    requireSameTasks(before, after, count);
    batches.add(PlayedBatch.of(before, after));
    Map<String, Trajectory> unpaired = new HashMap<>();
    before.trajectories().forEach(one -> unpaired.put(one.task().key(), one));
    for (Trajectory one : after.trajectories()) {
      Trajectory other = unpaired.remove(one.task().key());
      if (other != null) {
        pairs.add(new Pair(other, one));
      }
    }
    played += count;
  }

  private static void requireSameTasks(RolloutResult before, RolloutResult after, int count) {
    List<String> expected = tasks(before);
    List<String> found = tasks(after);
    if (expected.size() != count || !expected.equals(found)) {
      throw new IllegalStateException(
          "a rehearsal must play the same %d tasks under both harnesses, played %s and %s"
              .formatted(count, expected, found));
    }
  }

  /** The tasks played, whatever became of them. */
  private static List<String> tasks(RolloutResult result) {
    return Stream.concat(
            result.trajectories().stream().map(one -> one.task().key()),
            result.failures().stream().map(one -> one.task().key()))
        .sorted()
        .toList();
  }

  /** What could be judged so far, in order of tasks. */
  List<Pair> pairs() {
    return pairs;
  }

  /** What was played, for a proof to name. */
  List<PlayedBatch> batches() {
    return batches;
  }

  /** Tasks played, the broken ones included. */
  int played() {
    return played;
  }
}
