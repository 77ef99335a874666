package dev.tandem.rollout.spi;

import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/** A finite catalogue whose tasks are all known, each in the split it says. */
public final class DeclaredTasks implements TaskCatalogue {
  private final Map<Split, List<TaskSpec>> tasks = new EnumMap<>(Split.class);

  /**
   * @throws IllegalArgumentException when two tasks share an id, or one content is in two splits
   */
  public DeclaredTasks(Collection<TaskSpec> all) {
    for (Split split : Split.values()) {
      tasks.put(split, all.stream().filter(task -> task.split() == split).toList());
    }
    Set<String> ids = new HashSet<>();
    Map<String, Split> homes = new HashMap<>();
    for (TaskSpec task : all) {
      if (!ids.add(task.id())) {
        throw new IllegalArgumentException(
            "task ids must be unique within %s, '%s' is there twice"
                .formatted(task.family(), task.id()));
      }
      if (homes.computeIfAbsent(task.contentHash(), key -> task.split()) != task.split()) {
        throw new IllegalArgumentException(
            "task '%s' of %s is in two splits under two ids: keep one"
                .formatted(task.id(), task.family()));
      }
    }
  }

  @Override
  public OptionalInt size(Split split) {
    return OptionalInt.of(of(split).size());
  }

  @Override
  public List<TaskSpec> tasks(Split split, int from, int count) {
    List<TaskSpec> known = of(split);
    if (from + count > known.size()) {
      throw new IllegalArgumentException(
          "split %s has %d tasks, was asked for %d to %d"
              .formatted(split.id(), known.size(), from, from + count - 1));
    }
    return known.subList(from, from + count);
  }

  private List<TaskSpec> of(Split split) {
    return tasks.getOrDefault(split, List.of());
  }
}
