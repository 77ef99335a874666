package dev.tandem.aegis.route;

import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.ClusterSet;
import dev.tandem.harness.config.HarnessConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The harness versions in force: a default, and forks that serve some kinds of task each. What has
 * no fork is served by the default, kinds of task that nobody has seen yet among them.
 *
 * @param forks oldest first, no two serving the same kind of task
 */
public record VariantPool(Variant base, List<Variant> forks) {
  /** What the default is called. */
  public static final String DEFAULT = "default";

  public VariantPool {
    forks = List.copyOf(forks);
    SortedSet<String> served = new TreeSet<>();
    for (Variant fork : forks) {
      if (fork.clusters().isEmpty() || !Collections.disjoint(served, fork.clusters())) {
        throw new IllegalArgumentException(
            "variant %s must serve at least one kind of task, and none that another serves, serves %s"
                .formatted(fork.id(), fork.clusters()));
      }
      served.addAll(fork.clusters());
    }
  }

  /** One harness for everything. */
  public static VariantPool of(Assignment assignment, HarnessConfig harness) {
    return new VariantPool(
        new Variant(DEFAULT, Collections.emptySortedSet(), assignment, harness), List.of());
  }

  /** The router: the variant in force for a kind of task. */
  public Variant serving(String cluster) {
    return forks.stream()
        .filter(fork -> fork.clusters().contains(cluster))
        .findFirst()
        .orElse(base);
  }

  /** The kinds of task that a variant of this pool serves. */
  public ClusterSet scope(Variant variant) {
    return variant.id().equals(base.id())
        ? ClusterSet.except(forks.stream().flatMap(fork -> fork.clusters().stream()).toList())
        : ClusterSet.only(variant.clusters());
  }

  /** All variants, the default first. */
  public List<Variant> variants() {
    List<Variant> all = new ArrayList<>();
    all.add(base);
    all.addAll(forks);
    return all;
  }

  /** The variant with this id; the default if it is there no more. */
  public Variant find(String id) {
    return forks.stream().filter(fork -> fork.id().equals(id)).findFirst().orElse(base);
  }

  /** With a variant as it is now. */
  public VariantPool with(Variant changed) {
    return changed.id().equals(base.id())
        ? new VariantPool(changed, forks)
        : new VariantPool(
            base,
            forks.stream().map(fork -> fork.id().equals(changed.id()) ? changed : fork).toList());
  }

  /**
   * With another harness for some kinds of task, which are taken over from whatever served them: a
   * new variant, unless one has that harness already.
   */
  public VariantPool forked(Variant fork) {
    boolean isNew = !fork.assignment().equals(base.assignment());
    List<Variant> all = new ArrayList<>();
    for (Variant one : forks) {
      SortedSet<String> served = new TreeSet<>(one.clusters());
      if (one.assignment().equals(fork.assignment())) {
        served.addAll(fork.clusters());
        isNew = false;
      } else {
        served.removeAll(fork.clusters());
      }
      if (!served.isEmpty()) {
        all.add(new Variant(one.id(), served, one.assignment(), one.harness()));
      }
    }
    if (isNew) {
      all.add(fork);
    }
    return new VariantPool(base, all);
  }

  /** Without a fork, whose tasks go back to the default. */
  public VariantPool without(String id) {
    return new VariantPool(base, forks.stream().filter(fork -> !fork.id().equals(id)).toList());
  }

  /** The harnesses and who serves what: all that is needed to play. */
  public HarnessPool harnesses() {
    return new HarnessPool(
        base.id(),
        variants().stream()
            .map(one -> new HarnessPool.Member(one.id(), one.clusters(), one.harness()))
            .toList());
  }
}
