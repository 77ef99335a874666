package dev.tandem.aegis.plan;

import dev.tandem.aegis.digest.Anchor;
import dev.tandem.aegis.digest.Digest;
import dev.tandem.aegis.digest.TaskDigest;
import dev.tandem.harness.spi.FailureCategory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Second stage: groups what the digests say, regressions first. */
public final class Planner {
  private Planner() {}

  /** The landscape of a digest of the incumbent, before which there was nothing. */
  public static Landscape plan(Digest digest) {
    return plan(digest, Standing.NONE);
  }

  /** The landscape of a digest of the incumbent. */
  public static Landscape plan(Digest digest, Standing standing) {
    SortedMap<Key, List<TaskDigest>> groups = new TreeMap<>();
    for (TaskDigest task : digest.tasks()) {
      for (FailureCategory failure : task.failures().keySet()) {
        groups
            .computeIfAbsent(new Key(task.category(), failure), key -> new ArrayList<>())
            .add(task);
      }
    }
    List<Landscape.Cluster> clusters = new ArrayList<>();
    groups.forEach((key, tasks) -> clusters.add(cluster(key, tasks)));
    clusters.sort(
        Comparator.comparingInt(Landscape.Cluster::regressions)
            .thenComparingDouble(Landscape.Cluster::weight)
            .reversed());
    return new Landscape(digest, clusters, standing);
  }

  private record Key(String category, FailureCategory failure) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int byCategory = category.compareTo(other.category);
      return byCategory != 0 ? byCategory : failure.compareTo(other.failure);
    }
  }

  private static Landscape.Cluster cluster(Key key, List<TaskDigest> tasks) {
    List<Anchor> anchors =
        tasks.stream()
            .flatMap(task -> task.failures().getOrDefault(key.failure(), List.of()).stream())
            .toList();
    return new Landscape.Cluster(
        key.category(),
        key.failure(),
        tasks.stream().map(TaskDigest::task).toList(),
        tasks.stream().mapToDouble(task -> task.failureRate() * task.blame(key.failure())).sum(),
        (int) tasks.stream().filter(TaskDigest::regressed).count(),
        anchors);
  }
}
