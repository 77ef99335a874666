package dev.tandem.trainer.warmstart;

import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.spi.TaskCatalogue;
import dev.tandem.trainer.recipe.RunConfig;
import java.util.List;

/**
 * Which train tasks are played and which are demonstrated: never the same ones, for what was
 * demonstrated shows neither what the agent can do nor what an edit does for it.
 *
 * @param played how many of the split, from the first, rollouts draw from
 * @param demonstrated how many after those an expert plays for a warm start
 */
public record TaskShares(int played, int demonstrated) {
  /**
   * Of a run. Without a warm start nothing is demonstrated.
   *
   * @throws IllegalArgumentException when the split has less than two tasks to share
   */
  public static TaskShares of(TaskCatalogue tasks, RunConfig config) {
    return config.warmsUp() && config.warmStart().chats().file() == null
        ? demonstrating(tasks, config)
        : new TaskShares(tasks.available(Split.TRAIN, config.rollout().trainTasks()), 0);
  }

  /** Of a warm start from the expert, whatever the model. */
  public static TaskShares demonstrating(TaskCatalogue tasks, RunConfig config) {
    return shared(tasks, config.rollout().trainTasks(), config.warmStart().episodes());
  }

  /** As many as are wanted; of a split with fewer tasks each takes its part. */
  static TaskShares shared(TaskCatalogue tasks, int playing, int demonstrating) {
    int wanted = Math.addExact(playing, demonstrating);
    int there = tasks.available(Split.TRAIN, wanted);
    if (there == wanted) {
      return new TaskShares(playing, demonstrating);
    }
    if (there < 2) {
      throw new IllegalArgumentException(
          "a warm start needs a train task to demonstrate and another to play, and the environment has %d: give it more tasks, or the model a checkpoint"
              .formatted(there));
    }
    long part = Math.round((double) there * demonstrating / wanted);
    int demonstrated = Math.clamp(part, 1, there - 1);
    return new TaskShares(there - demonstrated, demonstrated);
  }

  /** The tasks that an expert plays. */
  public List<TaskSpec> demonstrated(TaskCatalogue tasks) {
    return tasks.tasks(Split.TRAIN, played, demonstrated);
  }
}
