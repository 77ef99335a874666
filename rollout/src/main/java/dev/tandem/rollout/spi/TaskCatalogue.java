package dev.tandem.rollout.spi;

import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import java.util.List;
import java.util.OptionalInt;

/**
 * A family's tasks, by split, always the same ones in the same order. Whoever asks for tasks plans
 * with {@link #size}. Safe to use by several threads.
 */
public interface TaskCatalogue {
  /** How many tasks a split has; empty where they never end. */
  OptionalInt size(Split split);

  /**
   * Tasks of a split.
   *
   * @param from the first one's place in the split, from 0
   * @param count how many
   * @throws IllegalArgumentException if the split has fewer
   */
  List<TaskSpec> tasks(Split split, int from, int count);

  /** As many of the wanted tasks as the split has. */
  default int available(Split split, int wanted) {
    return Math.min(wanted, size(split).orElse(wanted));
  }
}
