package dev.tandem.trainer.recipe;

import java.time.Duration;

/**
 * A round's rollouts.
 *
 * @param episodesPerTask group size; where the harness evolves, they run under many versions of it
 * @param trainTasks how many train tasks there are to draw from; of a finite split all there are,
 *     if fewer
 * @param concurrency episodes at once
 * @param replayRounds rounds that the replay buffer holds
 * @param budget limits of one episode
 * @param deadline seconds after which an episode that does not come to an end is given up, as an
 *     infrastructure failure
 * @param scheduling lockstep, free, or auto: lockstep where the environment answers at once and the
 *     same each time
 * @param maxEpisodes rollouts for training and the gate that a run may take: no round begins whose
 *     own would go beyond; 0 for as many as its rounds take
 * @param poisonedAbove share of episodes that may fail for reasons outside the agent, in [0, 1);
 *     beyond it the round changes nothing and the run stops
 * @param cacheGib GiB for the keys and values of the sequences that are sampled at once; 0 for a
 *     share of the memory that is free. Where not all fit, a batch is smaller, and
 *     log-probabilities may differ in their last digits from those of another size
 * @param lag 1 to play a round with the weights of the round before last, while the last one's
 *     trajectories are learnt from; 0 to play it when that is done, with what came of it
 */
public record RolloutSettings(
    int tasksPerRound,
    int episodesPerTask,
    int trainTasks,
    int concurrency,
    int replayRounds,
    BudgetSettings budget,
    double deadline,
    Scheduling scheduling,
    long maxEpisodes,
    double poisonedAbove,
    double cacheGib,
    int lag) {
  public static final RolloutSettings DEFAULTS = new RolloutSettings(64, 8, 4000, 512, 5, 1);

  /** How episodes and their model take turns. */
  public enum Scheduling {
    AUTO,
    LOCKSTEP,
    FREE
  }

  /** With vetted limits. */
  public RolloutSettings(
      int tasksPerRound,
      int episodesPerTask,
      int trainTasks,
      int concurrency,
      int modelCallsPerStep,
      int replayRounds) {
    this(
        tasksPerRound,
        episodesPerTask,
        trainTasks,
        concurrency,
        replayRounds,
        new BudgetSettings(modelCallsPerStep),
        /* deadline= */ 600,
        Scheduling.AUTO,
        /* maxEpisodes= */ 0,
        /* poisonedAbove= */ 0.1,
        /* cacheGib= */ 0,
        /* lag= */ 0);
  }

  public RolloutSettings {
    Require.atLeast("tasks_per_round", tasksPerRound, 1);
    Require.atLeast("episodes_per_task", episodesPerTask, 2);
    Require.atLeast("train_tasks", trainTasks, tasksPerRound);
    Require.atLeast("concurrency", concurrency, 1);
    Require.atLeast("replay_rounds", replayRounds, 1);
    Require.within("deadline", deadline, 0.001, 1e6);
    Require.atLeast("max_episodes", maxEpisodes, 0);
    if (maxEpisodes > 0) {
      Require.atLeast("max_episodes", maxEpisodes, (long) tasksPerRound * episodesPerTask);
    }
    Require.within("poisoned_above", poisonedAbove, 0, 0.999999);
    Require.within("cache_gib", cacheGib, 0, 1e6);
    Lag _ = new Lag(lag);
  }

  /** Bytes for keys and values; 0 for a share of the memory that is free. */
  public long cacheBytes() {
    return (long) (cacheGib * (1L << 30));
  }

  /** Trajectories of one round. */
  public int episodes() {
    return tasksPerRound * episodesPerTask;
  }

  /** When an episode is given up. */
  public Duration patience() {
    return BudgetSettings.seconds(deadline);
  }
}
