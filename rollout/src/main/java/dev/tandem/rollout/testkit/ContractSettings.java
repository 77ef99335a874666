package dev.tandem.rollout.testkit;

import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.ModelRole;
import java.util.EnumMap;
import java.util.Map;

/**
 * How hard a family is tried.
 *
 * @param tasks of each split that are looked at; 3 at least
 * @param steps of an episode, at most; the tasks' own limits hold too
 * @param opened environments that are open at once when it is looked what they leave behind
 * @param seed of everything that is drawn
 * @param models for worlds that need some, such as a simulated user
 */
public record ContractSettings(
    int tasks, int steps, int opened, long seed, Map<ModelRole, Model> models) {
  /** Twenty tasks of each split, 60 steps, 200 environments, no models. */
  public static final ContractSettings DEFAULTS = new ContractSettings(20, 60, 200, 1, Map.of());

  public ContractSettings {
    if (tasks < 3 || steps < 1 || opened < 1) {
      throw new IllegalArgumentException(
          "a contract check needs at least 3 tasks, 1 step and 1 environment, had %d, %d and %d"
              .formatted(tasks, steps, opened));
    }
    Map<ModelRole, Model> copy = new EnumMap<>(ModelRole.class);
    copy.putAll(models);
    models = copy;
  }

  /** The same with so many tasks of each split. */
  public ContractSettings withTasks(int count) {
    return new ContractSettings(count, steps, opened, seed, models);
  }

  /** The same with models. */
  public ContractSettings withModels(Map<ModelRole, Model> given) {
    return new ContractSettings(tasks, steps, opened, seed, given);
  }
}
