package dev.tandem.aegis.plan;

import dev.tandem.aegis.digest.Anchor;
import dev.tandem.aegis.digest.Digest;
import dev.tandem.aegis.digest.TaskDigest;
import dev.tandem.harness.spi.FailureCategory;
import java.util.List;
import java.util.Set;

/**
 * What there is to gain.
 *
 * @param clusters failures that belong together, those with regressions first, then the heaviest
 */
public record Landscape(Digest digest, List<Cluster> clusters) {
  public Landscape {
    clusters = List.copyOf(clusters);
  }

  /**
   * Failures of one kind in one kind of task.
   *
   * @param tasks keys of the tasks that fail this way
   * @param weight how many tasks' failures it is to blame for
   * @param regressions how many of the tasks were safely solved before
   */
  public record Cluster(
      String category,
      FailureCategory failure,
      List<String> tasks,
      double weight,
      int regressions,
      List<Anchor> anchors) {
    public Cluster {
      tasks = List.copyOf(tasks);
      anchors = List.copyOf(anchors);
    }
  }

  /** Tasks that were safely solved before and are lost now. */
  public List<TaskDigest> regressions() {
    return digest.tasks().stream().filter(TaskDigest::regressed).toList();
  }

  /** How many tasks' failures these categories are to blame for. */
  public double addressed(Set<FailureCategory> failures) {
    return clusters.stream()
        .filter(cluster -> failures.contains(cluster.failure()))
        .mapToDouble(Cluster::weight)
        .sum();
  }

  /** How many tasks' failures one category is to blame for. */
  public double weight(FailureCategory failure) {
    return addressed(Set.of(failure));
  }
}
