package dev.tandem.trainer.cli;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.run.LocalRolloutExecutor;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.Environments;
import dev.tandem.trainer.recipe.ModelSettings;
import dev.tandem.trainer.recipe.RolloutSettings;
import dev.tandem.trainer.run.Rollouts;
import dev.tandem.trainer.run.SuccessRate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "eval",
    description = "Measure an agent's success: a checkpoint under a harness on tasks of a split.")
final class EvalVerb extends Verb {
  @Mixin private ModelOptions model = new ModelOptions();

  @Option(
      names = "--harness",
      required = true,
      paramLabel = "FILE",
      description = "The harness, as YAML or JSON, such as a run's harness.yaml.")
  private Path harness = Path.of("");

  @Option(
      names = "--env",
      paramLabel = "NAME",
      defaultValue = "house",
      description = "The environment (default: ${DEFAULT-VALUE}).")
  private String environment = "house";

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

  @Mixin private SamplingOptions sampling = new SamplingOptions();
  @Mixin private JsonOption json = new JsonOption();

  @Override
  ExitCode run(Console console) throws IOException {
    if (episodes < 1) {
      throw UserException.usage("--episodes must be at least 1, was " + episodes);
    }
    EnvironmentFamily family;
    try {
      family = Environments.named(environment);
    } catch (IllegalArgumentException e) {
      throw UserException.usage(String.valueOf(e.getMessage()));
    }
    HarnessConfig config =
        HarnessConfig.parse(
            Files.readString(harness), harness.toString(), Environments.registry(family));
    try (Policy policy =
        Policy.load(
            model.checkpoint(), ModelSettings.DEFAULTS.responseTokens(), model.execution())) {
      Rollouts rollouts =
          new Rollouts(
              family,
              new LocalRolloutExecutor(
                  family, LocalRolloutExecutor.Settings.forWorld(family.capabilities())),
              Environments.registry(family),
              RolloutSettings.DEFAULTS,
              sampling.seed(),
              new ConsoleMonitor(console));
      SuccessRate rate =
          SuccessRate.of(
              rollouts
                  .evaluate(
                      0,
                      config,
                      split,
                      episodes,
                      policy.provider(
                          String.valueOf(model.checkpoint().getFileName()), sampling.temperature()))
                  .trajectories());
      if (json.wanted()) {
        console.json(rate);
      } else {
        console.print(text(rate));
      }
    }
    return ExitCode.OK;
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
