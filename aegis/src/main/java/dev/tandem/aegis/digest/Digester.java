package dev.tandem.aegis.digest;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.Trigger;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.rollout.Trajectory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** First stage: turns a harness's episodes of a round into one digest per task. */
public final class Digester {
  private final ProcessorRegistry registry;

  public Digester(ProcessorRegistry registry) {
    this.registry = registry;
  }

  /**
   * Digests episodes that all ran under one harness.
   *
   * @param history earlier rounds by task key
   */
  public Digest digest(
      HarnessConfig harness, List<Trajectory> trajectories, Map<String, List<TaskRecord>> history) {
    Lexicon lexicon = Lexicon.of(trajectories);
    SortedMap<String, List<Trajectory>> byTask = new TreeMap<>();
    for (Trajectory trajectory : trajectories) {
      byTask.computeIfAbsent(trajectory.task().key(), key -> new ArrayList<>()).add(trajectory);
    }
    List<TaskDigest> digests = new ArrayList<>();
    byTask.forEach(
        (task, attempts) ->
            digests.add(
                digestTask(harness, attempts, lexicon, history.getOrDefault(task, List.of()))));
    return new Digest(digests);
  }

  private TaskDigest digestTask(
      HarnessConfig harness, List<Trajectory> attempts, Lexicon lexicon, List<TaskRecord> history) {
    SortedMap<FailureCategory, List<Anchor>> failures = new TreeMap<>();
    NavigableSet<String> active = new TreeSet<>();
    NavigableSet<String> implicated = new TreeSet<>();
    int successes = 0;
    double tightness = 0;
    for (Trajectory attempt : attempts) {
      Episode episode = attempt.episode();
      episode.triggers().forEach(trigger -> active.add(trigger.processor()));
      if (attempt.verdict().success()) {
        successes++;
        tightness =
            Math.max(tightness, episode.steps().size() / (double) attempt.task().stepLimit());
        continue;
      }
      FailureScan.scan(episode, lexicon)
          .forEach(
              (failure, steps) -> {
                List<Anchor> anchors = failures.computeIfAbsent(failure, key -> new ArrayList<>());
                steps.forEach(step -> anchors.add(new Anchor(attempt.id(), step)));
                episode.triggers().stream()
                    .filter(trigger -> steps.contains(trigger.step()))
                    .map(Trigger::processor)
                    .forEach(implicated::add);
              });
    }
    implicated.addAll(meantToCure(harness, failures));
    return new TaskDigest(
        attempts.getFirst().task().key(),
        attempts.getFirst().task().category(),
        attempts.size(),
        successes,
        failures,
        implicated,
        active,
        tightness,
        history);
  }

  private List<String> meantToCure(
      HarnessConfig harness, SortedMap<FailureCategory, List<Anchor>> failures) {
    return harness.processors().stream()
        .map(ProcessorSpec::type)
        .filter(type -> !Collections.disjoint(registry.type(type).addresses(), failures.keySet()))
        .toList();
  }
}
