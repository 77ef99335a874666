package dev.tandem.aegis.plan;

import dev.tandem.aegis.digest.Anchor;
import dev.tandem.aegis.digest.Digest;
import dev.tandem.aegis.digest.TaskDigest;
import dev.tandem.harness.spi.FailureCategory;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * What there is to gain.
 *
 * @param clusters failures that belong together, those with regressions first, then the heaviest
 * @param standing what earlier rounds leave to this one
 */
public record Landscape(Digest digest, List<Cluster> clusters, Standing standing) {
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

  /** Failures that nothing in force and no lever in play is meant to cure, the heaviest first. */
  public List<LandscapeSummary.Neglected> neglected() {
    return clusters.stream()
        .map(Cluster::failure)
        .distinct()
        .filter(failure -> !standing.addressed().contains(failure))
        .map(failure -> new LandscapeSummary.Neglected(failure, weight(failure)))
        .sorted(
            Comparator.comparingDouble(LandscapeSummary.Neglected::weight)
                .reversed()
                .thenComparing(LandscapeSummary.Neglected::failure))
        .toList();
  }

  /** All of it but the evidence. */
  public LandscapeSummary summary() {
    return new LandscapeSummary(
        digest.tasks().size(),
        digest.attempts(),
        digest.successes(),
        clusters.stream()
            .map(
                one ->
                    new LandscapeSummary.Row(
                        one.category,
                        one.failure,
                        one.tasks.size(),
                        one.weight,
                        one.regressions,
                        one.anchors.getFirst()))
            .toList(),
        regressions().stream().map(TaskDigest::task).toList(),
        neglected(),
        standing.hitRates(),
        standing.concerns());
  }

  /** How many tasks' failures one category is to blame for. */
  public double weight(FailureCategory failure) {
    return addressed(Set.of(failure));
  }
}
