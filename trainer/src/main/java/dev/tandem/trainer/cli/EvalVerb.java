package dev.tandem.trainer.cli;

import dev.tandem.aegis.route.HarnessPool;
import dev.tandem.rollout.Split;
import dev.tandem.trainer.Evaluation;
import dev.tandem.trainer.checkpoint.HfCheckpoint;
import dev.tandem.trainer.plugin.KeptJars;
import dev.tandem.trainer.plugin.Recipe;
import dev.tandem.trainer.recipe.EnvironmentSettings;
import dev.tandem.trainer.recipe.Mode;
import dev.tandem.trainer.recipe.ModelSettings;
import dev.tandem.trainer.recipe.PluginJar;
import dev.tandem.trainer.recipe.ProviderSettings;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import dev.tandem.trainer.run.RunRecords;
import dev.tandem.trainer.run.SuccessRate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "eval",
    description = {
      "Measure an agent's success: a model under a harness on tasks of a split.",
      "A checkpoint of a run is measured in the run's environment, with its plugins, services and"
          + " limits, as its config.yaml says; --recipe names another."
    })
final class EvalVerb extends Verb {
  @Option(
      names = "--recipe",
      paramLabel = "FILE",
      description =
          "A recipe whose environment, plugins, services and limits hold (default: that of the run"
              + " that the checkpoint lies in).")
  private @Nullable Path recipeFile;

  @Option(
      names = "--checkpoint",
      paramLabel = "DIR",
      description = "Hugging Face folder of the model.")
  private @Nullable Path checkpoint;

  @Option(
      names = "--provider",
      paramLabel = "NAME",
      description = "A model provider, in a checkpoint's place.")
  private @Nullable String provider;

  @Option(
      names = "--provider-set",
      paramLabel = "KEY=VALUE",
      description = "A parameter of the provider; repeatable.")
  private List<String> providerSets = List.of();

  @Mixin private DeviceOption device = new DeviceOption();

  @Option(
      names = "--harness",
      required = true,
      paramLabel = "FILE",
      description =
          "The harness, as YAML or JSON, such as a run's harness.yaml; of a pool, each task is"
              + " played under the variant that serves its kind.")
  private Path harness = Path.of("");

  @Option(
      names = "--env",
      paramLabel = "NAME",
      description = "The environment (default: the run's, or house).")
  private @Nullable String environment;

  @Option(
      names = "--env-set",
      paramLabel = "KEY=VALUE",
      description = "A parameter of the environment; repeatable.")
  private List<String> environmentSets = List.of();

  @Mixin private PluginOption plugins = new PluginOption();

  @Option(
      names = "--split",
      paramLabel = "SPLIT",
      defaultValue = "sealed",
      description = "train, gate or sealed (default: ${DEFAULT-VALUE}).")
  private Split split = Split.SEALED;

  @Option(
      names = "--episodes",
      paramLabel = "N",
      defaultValue = "500",
      description = "How many tasks to play, once each (default: ${DEFAULT-VALUE}).")
  private int episodes = 500;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      description =
          "Most tokens of a response (default: the run's, or an eighth of what the model reads, at"
              + " most 512).")
  private @Nullable Integer maxNewTokens;

  @Mixin private SamplingOptions sampling = new SamplingOptions();
  @Mixin private JsonOption json = new JsonOption();

  @Override
  ExitCode run(Console console) throws IOException {
    Numbers.atLeast("--episodes", episodes, 1);
    if (checkpoint != null) {
      RunRecords.requireConfigurationOf(checkpoint);
    }
    RunRecords.noteOnHarness(harness).ifPresent(note -> console.note("tandem: " + note));
    double temperature = sampling.temperature();
    Optional<Path> run = Optional.ofNullable(checkpoint).flatMap(Evaluation::configOf);
    Optional<Path> said = Optional.ofNullable(recipeFile).or(() -> run);
    RunConfig base = said.map(Recipe::said).orElse(RunConfig.DEFAULTS);
    requireOneModel(base);
    List<PluginJar> own =
        run.map(config -> KeptJars.of(config.resolveSibling("")).inPlaceOf(base.plugins()))
            .orElse(base.plugins());
    String harnessText = InputFile.text(harness, "a harness file, such as a run's harness.yaml");
    try (Recipe recipe = recipe(base, own, folderOf(recipeFile))) {
      Evaluation evaluation =
          new Evaluation(recipe, device.execution(), new ConsoleMonitor(console));
      SuccessRate rate = measured(evaluation, harnessText, said.isPresent(), temperature);
      if (json.wanted()) {
        console.json(rate);
      } else {
        console.print(text(rate));
      }
    }
    return ExitCode.OK;
  }

  /** A model to measure, and only one; what cannot answer in its context is refused, too. */
  private void requireOneModel(RunConfig base) {
    boolean ofRecipe = recipeFile != null && base.model().outside().isPresent();
    boolean named = checkpoint != null || provider != null;
    if (named ? checkpoint != null && provider != null : !ofRecipe) {
      throw UserException.usage("name a model: either --checkpoint DIR or --provider NAME");
    }
    if (provider == null && !providerSets.isEmpty()) {
      throw UserException.usage("--provider-set needs --provider NAME, whose parameters it sets");
    }
    if (maxNewTokens != null) {
      Numbers.atLeast("--max-new-tokens", maxNewTokens, 1);
    }
    if (checkpoint != null) {
      ModelOptions.require(checkpoint);
      int positions = HfCheckpoint.open(checkpoint).spec().maxPositions();
      if (maxNewTokens != null && maxNewTokens >= positions) {
        throw UserException.usage(
            "--max-new-tokens %d leaves no room for a prompt: %s reads %d tokens"
                .formatted(maxNewTokens, checkpoint, positions));
      }
    }
  }

  /** What a recipe's paths are relative to. */
  private static Path folderOf(@Nullable Path recipe) {
    Path folder = recipe == null ? null : recipe.toAbsolutePath().getParent();
    return folder == null ? Path.of("").toAbsolutePath() : folder;
  }

  private SuccessRate measured(
      Evaluation evaluation, String harnessText, boolean ofRun, double temperature) {
    try (evaluation) {
      HarnessPool pool = evaluation.harness(harnessText, harness.toString());
      return SuccessRate.of(
          evaluation.played(
              pool,
              checkpoint,
              maxNewTokens,
              ofRun,
              temperature,
              split,
              episodes,
              sampling.seed()));
    }
  }

  /**
   * The recipe that is named, the run's or the default one, with what the options say.
   *
   * @param own its jars
   * @param folder what its paths are relative to
   */
  private Recipe recipe(RunConfig base, List<PluginJar> own, Path folder) {
    EnvironmentSettings world =
        new EnvironmentSettings(
            environment == null ? base.environment().name() : environment,
            ConfigLoader.values(
                "--env-set",
                environmentSets,
                environment == null ? base.environment().parameters() : Map.of()));
    ModelSettings model =
        provider == null
            ? base.model()
            : ModelSettings.DEFAULTS.answeredBy(
                new ProviderSettings(
                    provider, ConfigLoader.values("--provider-set", providerSets, Map.of())));
    List<PluginJar> jars = new ArrayList<>(own);
    jars.addAll(plugins.jars());
    RunConfig said =
        base.inMode(Mode.STATIC)
            .completed(jars, world, model, base.services(), base.versions(), base.aegis());
    try {
      return Recipe.of(said, folder);
    } catch (IllegalArgumentException e) {
      throw UserException.usage(String.valueOf(e.getMessage()));
    }
  }

  private String text(SuccessRate rate) {
    StringBuilder text =
        new StringBuilder("%s success %s".formatted(split.id(), TrainVerb.rate(rate)));
    rate.byFamily()
        .forEach(
            (category, success) ->
                text.append("%n  %-8s %5.1f%%".formatted(category, 100 * success)));
    return text.toString();
  }
}
