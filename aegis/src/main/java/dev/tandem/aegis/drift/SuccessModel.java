package dev.tandem.aegis.drift;

import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a harness has been seen to achieve: Beta posteriors of success by task, drawn towards those
 * of the task's category, which are drawn towards one half. Earlier rounds fade, since the model
 * that plays changes too.
 *
 * @param tasks by task key
 * @param categories by task category
 */
public record SuccessModel(SortedMap<String, Counts> tasks, SortedMap<String, Counts> categories) {
  static final SuccessModel EMPTY = new SuccessModel(new TreeMap<>(), new TreeMap<>());

  /** Share of its weight that a round keeps when the next one comes. */
  private static final double MEMORY = 0.8;

  /** A task this faded says nothing of its own any more. */
  private static final double FORGOTTEN = 0.1;

  private static final double CATEGORY_STRENGTH = 4;
  private static final double PRIOR_STRENGTH = 2;

  public SuccessModel {
    tasks = Collections.unmodifiableSortedMap(new TreeMap<>(tasks));
    categories = Collections.unmodifiableSortedMap(new TreeMap<>(categories));
  }

  /** Faded numbers of successes and failures. */
  public record Counts(double successes, double failures) {
    private static final Counts NONE = new Counts(0, 0);

    private Counts with(boolean success) {
      return success ? new Counts(successes + 1, failures) : new Counts(successes, failures + 1);
    }

    private Counts faded() {
      return new Counts(successes * MEMORY, failures * MEMORY);
    }

    private double total() {
      return successes + failures;
    }

    /** Posterior mean under a Beta prior of this mean and strength. */
    private double mean(double priorMean, double strength) {
      return (successes + priorMean * strength) / (total() + strength);
    }
  }

  /** Expected chance of success at a task, strictly between 0 and 1. */
  double expected(TaskSpec task) {
    double category =
        categories.getOrDefault(task.category(), Counts.NONE).mean(0.5, PRIOR_STRENGTH);
    return tasks.getOrDefault(task.key(), Counts.NONE).mean(category, CATEGORY_STRENGTH);
  }

  /** The model after another round. */
  SuccessModel after(List<Trajectory> trajectories) {
    SortedMap<String, Counts> newTasks = new TreeMap<>(tasks);
    SortedMap<String, Counts> newCategories = new TreeMap<>(categories);
    newTasks.replaceAll((task, counts) -> counts.faded());
    newCategories.replaceAll((category, counts) -> counts.faded());
    newTasks.values().removeIf(counts -> counts.total() < FORGOTTEN);
    for (Trajectory trajectory : trajectories) {
      boolean success = trajectory.verdict().success();
      newTasks.merge(
          trajectory.task().key(), Counts.NONE.with(success), (old, ignored) -> old.with(success));
      newCategories.merge(
          trajectory.task().category(),
          Counts.NONE.with(success),
          (old, ignored) -> old.with(success));
    }
    return new SuccessModel(newTasks, newCategories);
  }
}
