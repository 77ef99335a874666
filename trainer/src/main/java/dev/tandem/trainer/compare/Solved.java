package dev.tandem.trainer.compare;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.store.SegmentName;
import dev.tandem.rollout.store.StoredEpisode;
import dev.tandem.rollout.store.TraceStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which tasks an agent solves. A task whose episode failed for reasons outside the agent is absent.
 */
public record Solved(@JsonValue SortedMap<String, Boolean> byTask) {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public Solved {
    byTask = Collections.unmodifiableSortedMap(new TreeMap<>(byTask));
  }

  /** By one episode each, or by any of several. */
  public static Solved of(List<Trajectory> trajectories) {
    SortedMap<String, Boolean> solved = new TreeMap<>();
    trajectories.forEach(
        one -> solved.merge(one.task().key(), one.verdict().success(), Boolean::logicalOr));
    return new Solved(solved);
  }

  /** As a run measured itself after a round. */
  public static Solved ofRun(Path run, int round) {
    List<Trajectory> judged = new ArrayList<>();
    try (TraceStore traces = TraceStore.openExisting(run)) {
      traces.forEach(
          SegmentName.of(round, Phase.EVALUATION),
          episode -> {
            if (episode instanceof StoredEpisode.Judged(Trajectory trajectory)) {
              judged.add(trajectory);
            }
          });
    }
    return of(judged);
  }

  /** What either solves. */
  public Solved or(Solved other) {
    SortedMap<String, Boolean> either = new TreeMap<>(byTask);
    other.byTask.forEach((task, solved) -> either.merge(task, solved, Boolean::logicalOr));
    return new Solved(either);
  }

  /** The share of tasks that are solved, in [0, 1]. */
  public double share() {
    return byTask.values().stream().mapToInt(solved -> solved ? 1 : 0).average().orElse(0);
  }
}
