package dev.tandem.trainer;

import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.ModelRole;
import dev.tandem.rollout.run.LocalRolloutExecutor;
import dev.tandem.rollout.run.RolloutExecutor;
import dev.tandem.rollout.run.Scheduling;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.trainer.recipe.RolloutSettings;
import dev.tandem.trainer.recipe.RunConfig;
import java.util.Map;

/** What plays a recipe's episodes. */
final class Executors {
  private Executors() {}

  /**
   * The executor of a recipe.
   *
   * @param models in other roles, for environments that ask
   * @throws IllegalArgumentException if the environment cannot be scheduled as the recipe says
   */
  static RolloutExecutor of(
      RunConfig config, EnvironmentFamily family, Map<ModelRole, Model> models) {
    RolloutSettings rollout = config.rollout();
    return new LocalRolloutExecutor(
        family,
        LocalRolloutExecutor.Settings.forWorld(family.capabilities())
            .withConcurrency(rollout.concurrency())
            .withScheduling(scheduling(rollout, family))
            .withLimits(rollout.budget().limits(rollout.patience()))
            .withToleratedFailures(rollout.poisonedAbove()),
        models);
  }

  private static Scheduling scheduling(RolloutSettings rollout, EnvironmentFamily family) {
    return switch (rollout.scheduling()) {
      case AUTO -> Scheduling.auto(family.capabilities());
      case LOCKSTEP -> Scheduling.LOCKSTEP;
      case FREE -> Scheduling.FREE;
    };
  }
}
