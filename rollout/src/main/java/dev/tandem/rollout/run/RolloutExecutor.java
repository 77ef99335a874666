package dev.tandem.rollout.run;

import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.spi.ModelProvider;
import java.util.List;
import java.util.function.IntConsumer;

/** Runs episodes somewhere. */
public interface RolloutExecutor {
  /**
   * Runs every planned episode and judges it.
   *
   * @param finished told the number of episodes that have just ended, for progress bars
   * @return one trajectory per plan, in the plans' order
   * @throws PoisonedRoundException when too many episodes failed for reasons that say nothing about
   *     the agent
   */
  List<Trajectory> run(List<EpisodePlan> plans, ModelProvider model, IntConsumer finished);
}
