package dev.tandem.trainer.recipe;

/**
 * A round's rollouts.
 *
 * @param episodesPerTask group size; with a challenger to the harness, half of them run under it
 * @param trainTasks how many train tasks there are to draw from
 * @param concurrency episodes at once
 * @param modelCallsPerStep first call and retries of one step
 * @param replayRounds rounds that the replay buffer holds
 */
public record RolloutSettings(
    int tasksPerRound,
    int episodesPerTask,
    int trainTasks,
    int concurrency,
    int modelCallsPerStep,
    int replayRounds) {
  public static final RolloutSettings DEFAULTS = new RolloutSettings(64, 8, 4000, 512, 5, 1);

  public RolloutSettings {
    Require.atLeast("tasks_per_round", tasksPerRound, 1);
    Require.atLeast("episodes_per_task", episodesPerTask, 2);
    Require.atLeast("train_tasks", trainTasks, tasksPerRound);
    Require.atLeast("concurrency", concurrency, 1);
    Require.atLeast("model_calls_per_step", modelCallsPerStep, 1);
    Require.atLeast("replay_rounds", replayRounds, 1);
  }

  /** Trajectories of one round. */
  public int episodes() {
    return tasksPerRound * episodesPerTask;
  }
}
