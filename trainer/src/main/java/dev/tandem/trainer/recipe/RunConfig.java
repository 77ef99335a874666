package dev.tandem.trainer.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.tandem.aegis.AegisSettings;
import dev.tandem.aegis.evolve.MetaAgentSettings;
import dev.tandem.harness.model.ModelRole;
import dev.tandem.trainer.grpo.GrpoSettings;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A recipe: everything that decides a run's outcome, and what stays of it.
 *
 * @param plugins jars with environments, processors and providers from outside
 * @param environment the world to learn in
 * @param model who acts
 * @param models who answers in other roles, for processors and environments that ask
 * @param harness the harness to begin with, as {@code {processors: [...]}}
 * @param versions further harnesses by name, to be swapped in while an episode runs: each as {@code
 *     {processors: [...]}} or the name of a file with it
 * @param tools what the harness brings along
 * @param services what processors share
 */
public record RunConfig(
    Mode mode,
    long seed,
    int rounds,
    List<PluginJar> plugins,
    EnvironmentSettings environment,
    ModelSettings model,
    Map<ModelRole, RoleSettings> models,
    WarmStartSettings warmStart,
    JsonNode harness,
    Map<String, JsonNode> versions,
    ToolSettings tools,
    ServiceSettings services,
    RolloutSettings rollout,
    GrpoSettings grpo,
    OptimiserSettings optimiser,
    AegisSettings aegis,
    EvaluationSettings evaluation,
    CheckpointSettings checkpoints) {
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

  /** With nothing from outside and one model. */
  public RunConfig(
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
    this(
        mode,
        seed,
        rounds,
        List.of(),
        new EnvironmentSettings(environment),
        model,
        Map.of(),
        warmStart,
        harness,
        Map.of(),
        ToolSettings.DEFAULTS,
        ServiceSettings.DEFAULTS,
        rollout,
        grpo,
        optimiser,
        aegis,
        evaluation,
        CheckpointSettings.DEFAULTS);
  }

  public RunConfig {
    Require.atLeast("rounds", rounds, 0);
    if (mode.trainsModel() && model.outside().isPresent()) {
      throw new IllegalArgumentException(
          "mode %s trains the model, and what comes from the provider '%s' cannot be trained: choose mode harness or static, or leave the provider out"
              .formatted(mode.id(), model.provider()));
    }
    if (models.containsKey(ModelRole.MAIN)) {
      throw new IllegalArgumentException(
          "models main is who acts, and that is the model: give it under model");
    }
    requireAuthor(aegis.metaAgent(), models.get(ModelRole.META));
    if (mode.trainsModel() && rollout.lag() > 0) {
      requireStandingWeights(checkpoints, models);
    }
  }

  /** What plays beside the training must neither be dropped nor change while it plays. */
  private static void requireStandingWeights(
      CheckpointSettings checkpoints, Map<ModelRole, RoleSettings> models) {
    if (checkpoints.keepLast() < 2) {
      throw new IllegalArgumentException(
          "rollout.lag of 1 plays a round with the weights of the last checkpoint but one, and"
              + " checkpoints.keep_last of 1 drops that: set keep_last to 2 or more, or lag to 0");
    }
    models.forEach(
        (role, said) -> {
          if (role != ModelRole.META
              && said.providers().stream().anyMatch(ProviderSettings::isActor)) {
            throw new IllegalArgumentException(
                "models %s is answered by the model that acts, which with rollout.lag of 1 learns while it is asked: name a checkpoint for its decoder, or set lag to 0"
                    .formatted(role.id()));
          }
        });
  }

  /** Who is to be asked is there, and who is there is asked. */
  private static void requireAuthor(MetaAgentSettings asked, @Nullable RoleSettings author) {
    if (asked.asksModel() && author == null) {
      throw new IllegalArgumentException(
          "aegis.meta_agent.max_levers of %d asks a language model for levers, and models names no meta: give it one, as in models: {meta: {providers: [{provider: openai, model: NAME}]}}"
              .formatted(asked.maxLevers()));
    }
    if (!asked.asksModel() && author != null) {
      throw new IllegalArgumentException(
          "models meta is asked for levers, and aegis.meta_agent.max_levers of 0 asks for none:"
              + " raise it, or leave models.meta out");
    }
    if (author != null
        && asked.countsMoney()
        && author.providers().stream().anyMatch(one -> one.price() == null)) {
      throw new IllegalArgumentException(
          "aegis.meta_agent counts money, and a provider of models.meta has no price: give each"
              + " one, as in price: {prompt: 3, response: 15} for a million tokens");
    }
  }

  /** How far the weights that play are behind those that learn; not at all where none learn. */
  public Lag lag() {
    return mode.trainsModel() ? new Lag(rollout.lag()) : Lag.NONE;
  }

  /** Train episodes of one round, where too few groups have a signal. */
  public int mostEpisodesPerRound() {
    int tasks = rollout.tasksPerRound();
    return rollout.episodesPerTask()
        * (mode.trainsModel() ? grpo.dynamicSampling().most(tasks) : tasks);
  }

  /**
   * Whether no round follows: all are complete, or the next one's episodes are more than are left.
   *
   * @param completed rounds
   * @param episodes rollouts so far, the gate's included
   */
  public boolean endsAfter(int completed, long episodes) {
    long most = rollout.maxEpisodes();
    return completed >= rounds || (most > 0 && episodes + mostEpisodesPerRound() > most);
  }

  /** Whether a run with more rounds would have learned otherwise from the first one. */
  public boolean learningRateEndsWithRounds() {
    return mode.trainsModel() && optimiser.schedule() == OptimiserSettings.Schedule.COSINE;
  }

  /** The same recipe with everything that plugins declare and files hold written out. */
  public RunConfig completed(
      List<PluginJar> jars,
      EnvironmentSettings world,
      ModelSettings actor,
      ServiceSettings found,
      Map<String, JsonNode> spelled,
      AegisSettings governed) {
    return new RunConfig(
        mode,
        seed,
        rounds,
        jars,
        world,
        actor,
        models,
        warmStart,
        harness,
        spelled,
        tools,
        found,
        rollout,
        grpo,
        optimiser,
        governed,
        evaluation,
        checkpoints);
  }

  /** Whether the model is taught before the first round: a fresh one, or one that is to chat. */
  public boolean warmsUp() {
    return model.outside().isEmpty()
        && (model.checkpoint().isEmpty() || warmStart.chats().file() != null);
  }

  /** The same recipe with another warm start. */
  public RunConfig taught(WarmStartSettings otherwise) {
    return new RunConfig(
        mode,
        seed,
        rounds,
        plugins,
        environment,
        model,
        models,
        otherwise,
        harness,
        versions,
        tools,
        services,
        rollout,
        grpo,
        optimiser,
        aegis,
        evaluation,
        checkpoints);
  }

  /** The same recipe in another mode. */
  public RunConfig inMode(Mode other) {
    return new RunConfig(
        other,
        seed,
        rounds,
        plugins,
        environment,
        model,
        models,
        warmStart,
        harness,
        versions,
        tools,
        services,
        rollout,
        grpo,
        optimiser,
        aegis,
        evaluation,
        checkpoints);
  }
}
