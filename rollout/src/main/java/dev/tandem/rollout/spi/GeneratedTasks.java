package dev.tandem.rollout.spi;

import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.IntFunction;

/**
 * A catalogue without end, from a generator of numbered tasks. Tasks are generated in order, once,
 * and remembered, so that asking for the next ones never begins anew.
 */
public final class GeneratedTasks implements TaskCatalogue {
  private final IntFunction<TaskSpec> generator;
  private final int most;
  private final Map<Split, List<TaskSpec>> found = new EnumMap<>(Split.class);
  private int next;

  /**
   * @param generator makes the task of an index from 0; its split is the task's own
   * @param most indices there are
   */
  public GeneratedTasks(IntFunction<TaskSpec> generator, int most) {
    this.generator = generator;
    this.most = most;
    for (Split split : Split.values()) {
      found.put(split, new ArrayList<>());
    }
  }

  @Override
  public OptionalInt size(Split split) {
    return OptionalInt.empty();
  }

  @Override
  public synchronized List<TaskSpec> tasks(Split split, int from, int count) {
    List<TaskSpec> known = found.getOrDefault(split, List.of());
    while (known.size() < from + count) {
      if (next >= most) {
        throw new IllegalArgumentException(
            "split %s has %d tasks, was asked for %d to %d"
                .formatted(split.id(), known.size(), from, from + count - 1));
      }
      TaskSpec task = generator.apply(next++);
      found.computeIfAbsent(task.split(), key -> new ArrayList<>()).add(task);
    }
    return List.copyOf(known.subList(from, from + count));
  }
}
