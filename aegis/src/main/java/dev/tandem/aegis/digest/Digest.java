package dev.tandem.aegis.digest;

import java.util.List;

/**
 * A round's tasks under one harness.
 *
 * @param tasks one digest per task, by key
 */
public record Digest(List<TaskDigest> tasks) {
  public Digest {
    tasks = List.copyOf(tasks);
  }

  public int attempts() {
    return tasks.stream().mapToInt(TaskDigest::attempts).sum();
  }

  public int successes() {
    return tasks.stream().mapToInt(TaskDigest::successes).sum();
  }

  /** Mean failure rate over tasks, in [0, 1]; 0 without tasks. */
  public double failingShare() {
    return tasks.stream().mapToDouble(TaskDigest::failureRate).average().orElse(0);
  }
}
