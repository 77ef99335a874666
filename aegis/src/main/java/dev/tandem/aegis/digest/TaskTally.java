package dev.tandem.aegis.digest;

import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.Trigger;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.spi.FailureTaxonomy;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.NavigableSet;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What is kept of a task's attempts while they pass by. */
final class TaskTally {
  private final TaskSpec task;
  private final SortedMap<FailureCategory, SortedSet<Anchor>> anchors = new TreeMap<>();
  private final NavigableSet<String> active = new TreeSet<>();
  private final NavigableSet<String> implicated = new TreeSet<>();
  private int attempts;
  private int successes;
  private double tightness;

  TaskTally(TaskSpec task) {
    this.task = task;
  }

  void add(Trajectory attempt, FailureTaxonomy.Reader reader) {
    Episode episode = attempt.episode();
    attempts++;
    episode.triggers().forEach(trigger -> active.add(trigger.processor()));
    if (attempt.verdict().success()) {
      successes++;
      tightness = Math.max(tightness, episode.steps().size() / (double) task.stepLimit());
      return;
    }
    reader
        .failures(attempt)
        .forEach(
            (category, steps) -> {
              steps.forEach(
                  step ->
                      anchors
                          .computeIfAbsent(category, key -> new TreeSet<>())
                          .add(new Anchor(attempt.id(), step)));
              episode.triggers().stream()
                  .filter(trigger -> steps.contains(trigger.step()))
                  .map(Trigger::processor)
                  .forEach(implicated::add);
            });
  }

  /**
   * @param present processor types of the harness
   */
  TaskDigest digest(
      Collection<String> present, ProcessorRegistry registry, List<TaskRecord> history) {
    NavigableSet<String> blamed = new TreeSet<>(implicated);
    present.stream()
        .filter(type -> !Collections.disjoint(registry.type(type).addresses(), anchors.keySet()))
        .forEach(blamed::add);
    SortedMap<FailureCategory, List<Anchor>> failures = new TreeMap<>();
    anchors.forEach((category, found) -> failures.put(category, List.copyOf(found)));
    return new TaskDigest(
        task.key(),
        task.category(),
        attempts,
        successes,
        failures,
        blamed,
        active,
        tightness,
        history);
  }
}
