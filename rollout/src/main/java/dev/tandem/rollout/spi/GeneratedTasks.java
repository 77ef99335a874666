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
 * A catalogue from a generator of numbered tasks. Tasks are generated in order, once, when they are
 * first asked for, and remembered, so that asking for the next ones never begins anew.
 */
public final class GeneratedTasks implements TaskCatalogue {
  private final IntFunction<TaskSpec> generator;
  private final int most;
  private final boolean endless;
  private final Map<Split, List<TaskSpec>> found = new EnumMap<>(Split.class);
  private int next;

  /**
   * Tasks without end, as far as anybody plans.
   *
   * @param generator makes the task of an index from 0; its split is the task's own
   * @param most indices there are
   */
  public GeneratedTasks(IntFunction<TaskSpec> generator, int most) {
    this(generator, most, true);
  }

  private GeneratedTasks(IntFunction<TaskSpec> generator, int most, boolean endless) {
    this.generator = generator;
    this.most = most;
    this.endless = endless;
    for (Split split : Split.values()) {
      found.put(split, new ArrayList<>());
    }
  }

  /**
   * So many tasks over all splits; who asks for a split's size makes all of them.
   *
   * @param generator makes the task of an index from 0; its split is the task's own
   */
  public static GeneratedTasks finite(IntFunction<TaskSpec> generator, int count) {
    return new GeneratedTasks(generator, count, false);
  }

  @Override
  public synchronized OptionalInt size(Split split) {
    if (endless) {
      return OptionalInt.empty();
    }
    while (next < most) {
      generate();
    }
    return OptionalInt.of(of(split).size());
  }

  @Override
  public synchronized List<TaskSpec> tasks(Split split, int from, int count) {
    List<TaskSpec> known = of(split);
    while (known.size() < from + count) {
      if (next >= most) {
        throw new IllegalArgumentException(
            "split %s has %d tasks, was asked for %d to %d"
                .formatted(split.id(), known.size(), from, from + count - 1));
      }
      generate();
    }
    return List.copyOf(known.subList(from, from + count));
  }

  private void generate() {
    TaskSpec task = generator.apply(next);
    next++;
    of(task.split()).add(task);
  }

  private List<TaskSpec> of(Split split) {
    return found.computeIfAbsent(split, key -> new ArrayList<>());
  }
}
