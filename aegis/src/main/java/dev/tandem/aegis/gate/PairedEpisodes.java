package dev.tandem.aegis.gate;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.rollout.Trajectory;
import java.util.ArrayList;
import java.util.List;

/** Gate episodes of the incumbent and the candidate on the same tasks, played as needed. */
final class PairedEpisodes {
  private final Rehearsal rehearsal;
  private final HarnessConfig incumbent;
  private final HarnessConfig candidate;
  private final int firstTask;
  private final int attempt;
  private final List<Pair> pairs = new ArrayList<>();
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
    List<Trajectory> before = rehearsal.run(incumbent, firstTask + played, count, attempt);
    List<Trajectory> after = rehearsal.run(candidate, firstTask + played, count, attempt);
    requireSameTasks(before, after, count);
    for (int i = 0; i < count; i++) {
      Pair pair = new Pair(before.get(i), after.get(i));
      if (!isBroken(pair.incumbent()) && !isBroken(pair.candidate())) {
        pairs.add(pair);
      }
    }
    played += count;
  }

  private static void requireSameTasks(List<Trajectory> before, List<Trajectory> after, int count) {
    List<String> expected = before.stream().map(episode -> episode.task().key()).toList();
    List<String> found = after.stream().map(episode -> episode.task().key()).toList();
    if (expected.size() != count || !expected.equals(found)) {
      throw new IllegalStateException(
          "a rehearsal must play the same %d tasks in order under both harnesses, played %s and %s"
              .formatted(count, expected, found));
    }
  }

  private static boolean isBroken(Trajectory trajectory) {
    return trajectory.episode().exitReason().isInfrastructure();
  }

  /** What could be judged so far, in order of tasks. */
  List<Pair> pairs() {
    return pairs;
  }

  /** Tasks played, the broken ones included. */
  int played() {
    return played;
  }
}
