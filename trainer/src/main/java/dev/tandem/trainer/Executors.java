package dev.tandem.trainer;

import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.ModelRole;
import dev.tandem.rollout.run.LocalRolloutExecutor;
import dev.tandem.rollout.run.RolloutExecutor;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.trainer.recipe.RunConfig;
import java.util.Map;

/** What plays a recipe's episodes. */
final class Executors {
  private Executors() {}

  /**
   * The executor of a recipe.
   *
   * @param models in other roles, for environments that ask
   */
  static RolloutExecutor of(
      RunConfig config, EnvironmentFamily family, Map<ModelRole, Model> models) {
    return new LocalRolloutExecutor(
        family,
        new LocalRolloutExecutor.Settings(
            config.rollout().concurrency(),
            config.rollout().budget().modelCallsPerStep(),
            config.rollout().budget().tokens()));
  }
}
