package dev.tandem.trainer.cli;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.rollout.Split;
import dev.tandem.trainer.Evaluation;
import dev.tandem.trainer.plugin.KeptJars;
import dev.tandem.trainer.plugin.PluginException;
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
import java.nio.file.Files;
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
          + " limits, as its config.yaml says."
    })
final class EvalVerb extends Verb {
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
      description = "The harness, as YAML or JSON, such as a run's harness.yaml.")
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
    if (episodes < 1) {
      throw UserException.usage("--episodes must be at least 1, was " + episodes);
    }
    if (maxNewTokens != null && maxNewTokens < 1) {
      throw UserException.usage("--max-new-tokens must be at least 1, was " + maxNewTokens);
    }
    if ((checkpoint == null) == (provider == null)) {
      throw UserException.usage("name a model: either --checkpoint DIR or --provider NAME");
    }
    if (checkpoint != null) {
      RunRecords.requireConfigurationOf(checkpoint);
    }
    RunRecords.noteOnHarness(harness).ifPresent(note -> console.note("tandem: " + note));
    Optional<Path> run =
        Optional.ofNullable(checkpoint).flatMap(folder -> Evaluation.configOf(folder));
    RunConfig base = run.map(Recipe::said).orElse(RunConfig.DEFAULTS);
    List<PluginJar> own =
        run.map(config -> KeptJars.of(config.resolveSibling("")).inPlaceOf(base.plugins()))
            .orElse(base.plugins());
    try (Recipe recipe = recipe(base, own)) {
      Evaluation evaluation =
          new Evaluation(recipe, device.execution(), new ConsoleMonitor(console));
      SuccessRate rate = measured(evaluation, run.isPresent());
      if (json.wanted()) {
        console.json(rate);
      } else {
        console.print(text(rate));
      }
    }
    return ExitCode.OK;
  }

  private SuccessRate measured(Evaluation evaluation, boolean ofRun) throws IOException {
    try (evaluation) {
      HarnessConfig config = evaluation.harness(Files.readString(harness), harness.toString());
      return evaluation.of(
          config,
          checkpoint,
          maxNewTokens,
          ofRun,
          sampling.temperature(),
          split,
          episodes,
          sampling.seed());
    }
  }

  /**
   * The run's recipe, or the default one, with what the options say.
   *
   * @param own the run's jars
   */
  private Recipe recipe(RunConfig base, List<PluginJar> own) {
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
        base.inMode(Mode.STATIC).completed(jars, world, model, base.services(), base.versions());
    try {
      return Recipe.of(said, Path.of("").toAbsolutePath());
    } catch (IllegalArgumentException | PluginException e) {
      throw UserException.usage(String.valueOf(e.getMessage()));
    } catch (HarnessException e) {
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
