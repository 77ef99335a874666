package dev.tandem.trainer;

import dev.tandem.aegis.route.HarnessPool;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.ModelProvider;
import dev.tandem.trainer.checkpoint.HfCheckpoint;
import dev.tandem.trainer.equipment.Equipment;
import dev.tandem.trainer.equipment.Outfit;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.plugin.Recipe;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.ProviderSettings;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.run.Monitor;
import dev.tandem.trainer.run.Rollouts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An agent on tasks of a split, with everything that a recipe gives it, outside of a run. */
public final class Evaluation implements AutoCloseable {
  /** A model without a run says this share of what it reads, and no more than a few hundred. */
  private static final int CONTEXT_SHARE = 8;

  private static final int MOST_NEW_TOKENS = 512;

  private final Recipe recipe;
  private final RunConfig config;
  private final Execution execution;
  private final Monitor monitor;
  private final EnvironmentFamily family;
  private final Equipment equipment;

  /**
   * @param recipe stays the caller's
   */
  public Evaluation(Recipe recipe, Execution execution, Monitor monitor) {
    this.recipe = recipe;
    this.config = recipe.config();
    this.execution = TrainingRun.adjusted(execution, config);
    this.monitor = monitor;
    this.family = recipe.doors().family(config.environment());
    this.equipment =
        new Equipment(config, recipe.doors(), family, Path.of("").toAbsolutePath(), this.execution);
  }

  /** The configuration of the run that a checkpoint lies in. */
  public static Optional<Path> configOf(Path checkpoint) {
    return Optional.ofNullable(checkpoint.toAbsolutePath().normalize().getParent())
        .map(Path::getParent)
        .map(run -> run.resolve(RunFiles.CONFIG))
        .filter(Files::isRegularFile);
  }

  /**
   * Reads a harness of this environment, or a pool of them.
   *
   * @throws dev.tandem.harness.value.HarnessException with line and problem if it is not valid
   */
  public HarnessPool harness(String text, String source) {
    HarnessPool pool = HarnessPool.parse(text, source, equipment.outfit().registry());
    pool.members().forEach(member -> equipment.check(member.harness(), source));
    return pool;
  }

  /**
   * Plays the first tasks of a split once each; answers the episodes that did not fail for reasons
   * outside the agent.
   *
   * @param checkpoint null for the recipe's provider
   * @param maxNewTokens most tokens of a response; null for what suits the model
   * @param ofRun whether the recipe is that of the run which made the checkpoint
   */
  public List<Trajectory> played(
      HarnessPool harness,
      @Nullable Path checkpoint,
      @Nullable Integer maxNewTokens,
      boolean ofRun,
      double temperature,
      Split split,
      int episodes,
      long seed) {
    Optional<ProviderSettings> outside = config.model().outside();
    if (checkpoint == null || outside.isPresent()) {
      try (ModelProvider provider = recipe.doors().provider(outside.orElseThrow())) {
        return play(harness, equipment.outfit(), provider, split, episodes, seed);
      }
    }
    HfCheckpoint opened = HfCheckpoint.open(checkpoint);
    opened.remarks().forEach(monitor::note);
    int tokens =
        maxNewTokens != null
            ? maxNewTokens
            : ofRun
                ? config.model().responseTokens()
                : Math.clamp(opened.spec().maxPositions() / CONTEXT_SHARE, 1, MOST_NEW_TOKENS);
    try (Policy policy = Policy.loadFrozen(checkpoint, tokens, execution)) {
      return play(
          harness,
          equipment.actedBy(policy),
          policy.provider(String.valueOf(checkpoint.getFileName()), temperature),
          split,
          episodes,
          seed);
    }
  }

  private List<Trajectory> play(
      HarnessPool harness,
      Outfit outfit,
      ModelProvider model,
      Split split,
      int episodes,
      long seed) {
    Rollouts rollouts =
        new Rollouts(
            family,
            Executors.of(config, family, equipment.models()),
            outfit,
            config.rollout(),
            /* trainTasks= */ 0,
            seed,
            monitor);
    return rollouts.evaluate(0, harness, split, episodes, model).trajectories();
  }

  @Override
  public void close() {
    equipment.close();
  }
}
