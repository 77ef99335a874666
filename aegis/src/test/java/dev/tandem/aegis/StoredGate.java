package dev.tandem.aegis;

import dev.tandem.aegis.gate.PlayedBatch;
import dev.tandem.aegis.gate.Rehearsal;
import dev.tandem.aegis.gate.Simulation;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.run.RolloutResult;
import dev.tandem.rollout.store.StoredEpisode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Keeps the gate's episodes as a store does, each under an id of its own. */
final class StoredGate {
  /** By the id of a segment's first episode. */
  private final Map<String, List<StoredEpisode>> segments = new TreeMap<>();

  /** What plays as a simulation does, and is kept. */
  Rehearsal of(int round, Simulation simulation) {
    return new Storing(round, simulation);
  }

  /** The segments' first ids, sorted. */
  List<String> names() {
    return List.copyOf(segments.keySet());
  }

  /** A segment's episodes, to be tampered with. */
  List<StoredEpisode> segment(String first) {
    return Objects.requireNonNull(segments.get(first));
  }

  void lose(String first) {
    segments.remove(first);
  }

  /** The episodes of a side of a batch, none if there are none. */
  List<StoredEpisode> find(int round, PlayedBatch.Side side) {
    return segments.getOrDefault(side.first(), List.of());
  }

  private final class Storing implements Rehearsal {
    private final int round;
    private final Simulation simulation;
    private int number;

    Storing(int round, Simulation simulation) {
      this.round = round;
      this.simulation = simulation;
    }

    @Override
    public RolloutResult run(HarnessConfig harness, List<Integer> tasks, int attempt) {
      String prefix = "g%04d-%03d".formatted(round, ++number);
      List<Trajectory> played = new ArrayList<>();
      for (Trajectory one : simulation.run(harness, tasks, attempt).trajectories()) {
        String id = "%s-%05d".formatted(prefix, played.size());
        played.add(TestEpisodes.as(one, id, one.verdict()));
      }
      segments.put(
          played.getFirst().id(),
          new ArrayList<>(played.stream().map(StoredEpisode.Judged::new).toList()));
      return new RolloutResult(played, List.of());
    }

    @Override
    public String category(int task) {
      return simulation.category(task);
    }
  }
}
