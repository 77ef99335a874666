package dev.tandem.aegis;

import dev.tandem.aegis.screen.Assignment;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.rollout.TaskSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;

/**
 * Under which harness each attempt at each of a round's tasks is played.
 *
 * @param incumbent the harness in force
 * @param arms one for each attempt, by task
 */
public record RoundPlan(Arm incumbent, SequencedMap<TaskSpec, List<Arm>> arms) {
  public RoundPlan {
    SequencedMap<TaskSpec, List<Arm>> copy = new LinkedHashMap<>();
    arms.forEach((task, ofTask) -> copy.put(task, List.copyOf(ofTask)));
    arms = Collections.unmodifiableSequencedMap(copy);
  }

  /**
   * A harness version that plays.
   *
   * @param hash content hash of the harness
   */
  public record Arm(Assignment assignment, HarnessConfig harness, String hash) {}

  /** Everything under one harness. */
  public static RoundPlan of(Arm incumbent, Collection<TaskSpec> tasks, int attempts) {
    return of(incumbent, tasks, task -> Collections.nCopies(attempts, incumbent));
  }

  /**
   * This plan with that of further tasks.
   *
   * @throws IllegalArgumentException if a task is in both
   */
  public RoundPlan and(RoundPlan further) {
    SequencedMap<TaskSpec, List<Arm>> all = new LinkedHashMap<>(arms);
    further.arms.forEach(
        (task, ofTask) -> {
          if (all.putIfAbsent(task, ofTask) != null) {
            throw new IllegalArgumentException("task %s is planned twice".formatted(task.key()));
          }
        });
    return new RoundPlan(incumbent, all);
  }

  /** What a function says of each task. */
  static RoundPlan of(
      Arm incumbent, Collection<TaskSpec> tasks, Function<TaskSpec, List<Arm>> arms) {
    SequencedMap<TaskSpec, List<Arm>> all = new LinkedHashMap<>();
    tasks.forEach(task -> all.put(task, arms.apply(task)));
    return new RoundPlan(incumbent, all);
  }

  /** The assignments that play, by their harness's content hash. */
  Map<String, Assignment> assignments() {
    Map<String, Assignment> assignments = new HashMap<>();
    for (List<Arm> ofTask : arms.values()) {
      ofTask.forEach(arm -> assignments.put(arm.hash(), arm.assignment()));
    }
    return assignments;
  }

  /** The harnesses that play, each once. */
  public List<HarnessConfig> harnesses() {
    Map<String, HarnessConfig> harnesses = new LinkedHashMap<>();
    harnesses.put(incumbent.hash(), incumbent.harness());
    for (List<Arm> ofTask : arms.values()) {
      ofTask.forEach(arm -> harnesses.putIfAbsent(arm.hash(), arm.harness()));
    }
    return new ArrayList<>(harnesses.values());
  }
}
