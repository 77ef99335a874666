package dev.tandem.trainer.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.tandem.aegis.AegisSettings;
import dev.tandem.trainer.grpo.GrpoSettings;

/**
 * A recipe: everything that decides a run's outcome, and nothing else.
 *
 * @param environment name of the environment family
 * @param harness the harness to begin with, as {@code {processors: [...]}}
 */
public record RunConfig(
    Mode mode,
    long seed,
    int rounds,
    String environment,
    ModelSettings model,
    WarmStartSettings warmStart,
    JsonNode harness,
    RolloutSettings rollout,
    GrpoSettings grpo,
    OptimiserSettings optimiser,
    AegisSettings aegis,
    EvaluationSettings evaluation) {
  public static final RunConfig DEFAULTS =
      new RunConfig(
          Mode.COEVOLVE,
          1,
          20,
          "house",
          ModelSettings.DEFAULTS,
          WarmStartSettings.DEFAULTS,
          JsonNodeFactory.instance.objectNode(),
          RolloutSettings.DEFAULTS,
          GrpoSettings.DEFAULTS,
          OptimiserSettings.DEFAULTS,
          AegisSettings.DEFAULTS,
          EvaluationSettings.DEFAULTS);

  public RunConfig {
    Require.atLeast("rounds", rounds, 0);
    Environments.requireKnown(environment);
  }
}
