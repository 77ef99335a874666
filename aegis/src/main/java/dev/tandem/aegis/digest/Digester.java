package dev.tandem.aegis.digest;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.rollout.Trajectories;
import dev.tandem.rollout.spi.FailureTaxonomy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * First stage: turns a harness's episodes of a round into one digest per task. It goes through them
 * one at a time and keeps none, so that a round may be larger than memory; the order in which they
 * come makes no difference.
 */
public final class Digester {
  private final ProcessorRegistry registry;
  private final FailureTaxonomy failures;

  /**
   * @param failures how episodes of the family go wrong
   */
  public Digester(ProcessorRegistry registry, FailureTaxonomy failures) {
    this.registry = registry;
    this.failures = failures;
  }

  /**
   * Digests episodes that all ran under one harness.
   *
   * @param history earlier rounds by task key
   */
  public Digest digest(
      HarnessConfig harness, Trajectories trajectories, Map<String, List<TaskRecord>> history) {
    FailureTaxonomy.Reader reader = failures.over(trajectories);
    SortedMap<String, TaskTally> byTask = new TreeMap<>();
    trajectories.forEach(
        trajectory ->
            byTask
                .computeIfAbsent(trajectory.task().key(), key -> new TaskTally(trajectory.task()))
                .add(trajectory, reader));
    List<String> present = harness.processors().stream().map(ProcessorSpec::type).toList();
    List<TaskDigest> digests = new ArrayList<>();
    byTask.forEach(
        (task, tally) ->
            digests.add(tally.digest(present, registry, history.getOrDefault(task, List.of()))));
    return new Digest(digests);
  }
}
