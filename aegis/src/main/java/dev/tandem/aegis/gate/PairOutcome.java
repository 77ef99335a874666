package dev.tandem.aegis.gate;

import dev.tandem.rollout.FailedEpisode;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.run.RolloutResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A gate task played under both harnesses with common random numbers. */
public record PairOutcome(String task, String cluster, Outcome incumbent, Outcome candidate) {
  /** How an episode ended. */
  public enum Outcome {
    SOLVED,
    FAILED,
    /** For reasons outside the agent; not judged. */
    BROKEN;

    public static Outcome of(boolean success) {
      return success ? SOLVED : FAILED;
    }
  }

  /** The pairs of a batch, in the order of their tasks' keys. */
  static List<PairOutcome> of(RolloutResult incumbent, RolloutResult candidate) {
    Map<String, Outcome> after = new HashMap<>();
    candidate
        .trajectories()
        .forEach(one -> after.put(one.task().key(), Outcome.of(one.verdict().success())));
    List<PairOutcome> pairs = new ArrayList<>();
    for (Trajectory one : incumbent.trajectories()) {
      pairs.add(pair(one.task(), Outcome.of(one.verdict().success()), after));
    }
    for (FailedEpisode one : incumbent.failures()) {
      pairs.add(pair(one.task(), Outcome.BROKEN, after));
    }
    pairs.sort(Comparator.comparing(PairOutcome::task));
    return pairs;
  }

  private static PairOutcome pair(TaskSpec task, Outcome incumbent, Map<String, Outcome> after) {
    return new PairOutcome(
        task.key(), task.category(), incumbent, after.getOrDefault(task.key(), Outcome.BROKEN));
  }

  /** Whether the verifier had a word on both. */
  public boolean judged() {
    return incumbent != Outcome.BROKEN && candidate != Outcome.BROKEN;
  }

  boolean won() {
    return incumbent == Outcome.FAILED && candidate == Outcome.SOLVED;
  }

  boolean lost() {
    return incumbent == Outcome.SOLVED && candidate == Outcome.FAILED;
  }

  boolean onlyCandidateBroke() {
    return candidate == Outcome.BROKEN && incumbent != Outcome.BROKEN;
  }

  boolean onlyIncumbentBroke() {
    return incumbent == Outcome.BROKEN && candidate != Outcome.BROKEN;
  }
}
