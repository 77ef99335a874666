package dev.tandem.aegis.gate;

import dev.tandem.aegis.screen.ClusterSet;
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
  /** Tasks looked at for each one that is wanted, before a category counts as absent. */
  private static final int MOST_PASSED = 50;

  private final Rehearsal rehearsal;
  private final HarnessConfig incumbent;
  private final HarnessConfig candidate;
  private final int firstTask;
  private final int attempt;
  private final ClusterSet scope;
  private final List<Pair> pairs = new ArrayList<>();
  private final List<PairOutcome> outcomes = new ArrayList<>();
  private final List<PlayedBatch> batches = new ArrayList<>();
  private int played;

  /**
   * @param firstTask gate task to begin with
   * @param attempt handed on to the rehearsal
   * @param scope the kinds of task that are played; others are passed over
   */
  PairedEpisodes(
      Rehearsal rehearsal,
      HarnessConfig incumbent,
      HarnessConfig candidate,
      int firstTask,
      int attempt,
      ClusterSet scope) {
    this.rehearsal = rehearsal;
    this.incumbent = incumbent;
    this.candidate = candidate;
    this.firstTask = firstTask;
    this.attempt = attempt;
    this.scope = scope;
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

  /**
   * Plays the next tasks; a pair that broke for reasons outside the agent says nothing. Nothing is
   * played where there are not so many tasks of the kinds wanted.
   */
  List<PairOutcome> play(int count) {
    List<Integer> tasks = new ArrayList<>();
    for (int passed = 0; tasks.size() < count && passed < MOST_PASSED * count; passed++) {
      int task = firstTask + played++;
      if (scope.equals(ClusterSet.ALL) || scope.contains(rehearsal.category(task))) {
        tasks.add(task);
      }
    }
    return tasks.size() < count ? List.of() : play(tasks, false);
  }

  /** Plays the next tasks of these categories, passing over others; fewer if there are none. */
  List<PairOutcome> play(Map<String, Integer> categories) {
    Map<String, Integer> left = new HashMap<>(categories);
    List<Integer> tasks = new ArrayList<>();
    int wanted = left.values().stream().mapToInt(Integer::intValue).sum();
    for (int passed = 0; tasks.size() < wanted && passed < MOST_PASSED * wanted; passed++) {
      int task = firstTask + played++;
      String category = rehearsal.category(task);
      if (left.getOrDefault(category, 0) > 0) {
        left.merge(category, -1, Integer::sum);
        tasks.add(task);
      }
    }
    return play(tasks, true);
  }

  private List<PairOutcome> play(List<Integer> tasks, boolean chosen) {
    if (tasks.isEmpty()) {
      return List.of();
    }
    RolloutResult before = rehearsal.run(incumbent, tasks, attempt);
    RolloutResult after = rehearsal.run(candidate, tasks, attempt);
    requireSameTasks(before, after, tasks.size());
    batches.add(PlayedBatch.of(before, after, chosen));
    Map<String, Trajectory> unpaired = new HashMap<>();
    before.trajectories().forEach(one -> unpaired.put(one.task().key(), one));
    for (Trajectory one : after.trajectories()) {
      Trajectory other = unpaired.remove(one.task().key());
      if (other != null) {
        pairs.add(new Pair(other, one));
      }
    }
    List<PairOutcome> found = PairOutcome.of(before, after);
    outcomes.addAll(found);
    return found;
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

  /** Every pair played, the broken ones included. */
  List<PairOutcome> outcomes() {
    return outcomes;
  }

  /** What was played, for a proof to name. */
  List<PlayedBatch> batches() {
    return batches;
  }

  /** Tasks used up: played, or passed over. */
  int played() {
    return played;
  }
}
