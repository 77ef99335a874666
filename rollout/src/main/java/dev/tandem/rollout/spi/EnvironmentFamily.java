package dev.tandem.rollout.spi;

import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import java.util.List;

/** A generator of tasks of one kind and of the environments they play in. */
public interface EnvironmentFamily {
  String name();

  /**
   * The first {@code count} tasks of a split, always the same ones in the same order.
   *
   * @throws IllegalArgumentException if the family has fewer
   */
  List<TaskSpec> tasks(Split split, int count);

  /** A fresh environment of a task of this family. */
  Environment open(TaskSpec task);

  /** A fresh expert for a task of this family. */
  Expert expert(TaskSpec task);

  /** Every word that the family's texts use, for vocabularies made to measure. */
  List<String> vocabulary();
}
