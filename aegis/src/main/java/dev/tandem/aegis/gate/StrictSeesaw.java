package dev.tandem.aegis.gate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * HarnessX's rule on a fixed set of tasks: every task that the incumbent solves in one of two
 * attempts must be solved by the candidate in one of two.
 */
final class StrictSeesaw {
  private final GateSettings settings;

  StrictSeesaw(GateSettings settings) {
    this.settings = settings;
  }

  /** Plays what has not been played of both attempts, and compares. */
  GateAnswer judge(PairedEpisodes first, PairedEpisodes second) {
    first.play(settings.strictTasks() - first.outcomes().size());
    second.play(settings.strictTasks());
    SortedMap<String, Passes> tasks = new TreeMap<>();
    for (PairedEpisodes attempt : List.of(first, second)) {
      for (PairedEpisodes.Pair pair : attempt.pairs()) {
        tasks.merge(pair.incumbent().task().key(), Passes.of(pair), Passes::or);
      }
    }
    Proof proof = proof(tasks);
    List<String> lost = new ArrayList<>();
    for (Map.Entry<String, Passes> task : tasks.entrySet()) {
      if (task.getValue().lost()) {
        lost.add(task.getKey());
      }
    }
    return lost.isEmpty()
        ? new GateAnswer.Ship(proof)
        : new GateAnswer.Reject(
            Check.SEESAW,
            "%d tasks solved before were lost, the first being %s"
                .formatted(lost.size(), lost.getFirst()),
            proof);
  }

  /** Whether each arm solved a task in any attempt. */
  private record Passes(String category, boolean incumbent, boolean candidate) {
    static Passes of(PairedEpisodes.Pair pair) {
      return new Passes(
          pair.category(),
          pair.incumbent().verdict().success(),
          pair.candidate().verdict().success());
    }

    Passes or(Passes other) {
      return new Passes(category, incumbent || other.incumbent, candidate || other.candidate);
    }

    boolean lost() {
      return incumbent && !candidate;
    }

    Tally tally() {
      return new Tally(1, candidate && !incumbent ? 1 : 0, lost() ? 1 : 0);
    }
  }

  private static Proof proof(SortedMap<String, Passes> tasks) {
    SortedMap<String, Tally> categories = new TreeMap<>();
    tasks.values().forEach(task -> categories.merge(task.category(), task.tally(), Tally::plus));
    Tally all = categories.values().stream().reduce(new Tally(0, 0, 0), Tally::plus);
    return new Proof(
        Seesaw.STRICT,
        all.pairs(),
        all.wins(),
        all.losses(),
        0,
        0,
        categories.entrySet().stream()
            .map(entry -> entry.getValue().proof(entry.getKey()))
            .toList(),
        null,
        List.of());
  }
}
