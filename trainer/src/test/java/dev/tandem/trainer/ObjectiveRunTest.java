package dev.tandem.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.rollout.spi.Capabilities;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.trainer.grpo.DynamicSampling;
import dev.tandem.trainer.grpo.EarlyStop;
import dev.tandem.trainer.grpo.GrpoSettings;
import dev.tandem.trainer.grpo.OverlongShaping;
import dev.tandem.trainer.grpo.StepCredit;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.recipe.Mode;
import dev.tandem.trainer.recipe.OptimiserSettings;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.recipe.yaml.ConfigException;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import dev.tandem.trainer.run.Monitor;
import dev.tandem.trainer.run.RunSummary;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run with every choice of the objective that is off by default. */
final class ObjectiveRunTest {
  private static final GrpoSettings GRPO =
      GrpoSettings.DEFAULTS
          .withEntropyBonus(0.01)
          .withEarlyStop(new EarlyStop(1e-6, null))
          .withOverlong(new OverlongShaping.Penalty(OverlongShaping.Measure.STEPS, 3, 0.1))
          .withStepCredit(StepCredit.Anchors.DEFAULTS)
          .withDynamicSampling(new DynamicSampling.Refilled(3, 3));

  @TempDir private Path folder;

  private static RunConfig config(Mode mode) {
    RunConfig tiny = TinyRun.config(mode, 3);
    return TinyRun.lucky(
        new RunConfig(
            mode,
            tiny.seed(),
            TinyRun.ROUNDS,
            "house",
            tiny.model(),
            tiny.warmStart(),
            tiny.harness(),
            tiny.rollout(),
            GRPO,
            new OptimiserSettings(1e-2, 0.1, 0.9, 0.95, 1, 2, 1, 0),
            tiny.aegis(),
            tiny.evaluation()));
  }

  private static RunSummary run(Path folder, Monitor monitor) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.yaml"), ConfigLoader.effective(config(Mode.COEVOLVE)));
    try (TrainingRun run =
        new TrainingRun(config(Mode.COEVOLVE), folder, Tiny.EXECUTION, monitor)) {
      return run.execute();
    }
  }

  @Test
  void aRunThatIsKilledWhileItPlaysOnEndsAsIfItHadNotBeenKilled() throws IOException {
    Path straight = folder.resolve("straight");
    RunSummary summary = run(straight, new SilentMonitor());
    int further = 0;
    int stopped = 0;
    int playedOn = 0;
    List<Integer> episodes = new ArrayList<>();
    for (String line : Files.readAllLines(straight.resolve(RunFiles.METRICS))) {
      JsonNode round = new ObjectMapper().readTree(line);
      if (round.path("round").asInt() > 0) {
        further += round.path("further_tasks").asInt();
        playedOn = round.path("further_tasks").asInt() > 0 ? round.path("round").asInt() : playedOn;
        stopped += round.path("stopped").isTextual() ? 1 : 0;
        episodes.add(round.path("episodes").asInt());
        assertThat(round.path("step_credit").asDouble(-1)).isBetween(0.0, 1.0);
        assertThat(round.path("entropy").asDouble()).isPositive();
        assertThat(round.path("sampler_gap_max").asDouble(1)).isBetween(0.0, 1e-4);
        assertThat(round.path("planned_steps").asInt()).isEqualTo(2);
      }
    }
    int attempts = config(Mode.COEVOLVE).rollout().episodesPerTask();
    int played = attempts * (2 * TinyRun.ROUNDS + further);
    assertThat(further).isPositive();
    assertThat(stopped).isPositive();
    assertThat(episodes.stream().mapToInt(Integer::intValue).sum()).isEqualTo(played);
    assertThat(summary.episodes()).isGreaterThanOrEqualTo(played);

    String work = "round %d rollouts".formatted(playedOn);
    Path killed = folder.resolve("killed");
    assertThatThrownBy(() -> run(killed, new KillingMonitor(KillingMonitor.When.BEGUN, work, 2)))
        .isInstanceOf(KillingMonitor.Killed.class);
    run(killed, new SilentMonitor());
    assertThat(RunOutcome.of(killed)).isEqualTo(RunOutcome.of(straight));
  }

  @Test
  void anchorsNeedAWorldThatTellsItsStates() {
    EnvironmentFamily blind =
        (EnvironmentFamily)
            Proxy.newProxyInstance(
                EnvironmentFamily.class.getClassLoader(),
                new Class<?>[] {EnvironmentFamily.class},
                (proxy, method, arguments) ->
                    switch (method.getName()) {
                      case "capabilities" -> Capabilities.NONE;
                      case "id" -> "fog";
                      default -> throw new AssertionError(method);
                    });
    assertThatThrownBy(() -> TrainingRun.requireAnchors(config(Mode.MODEL), blind))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "grpo.step_credit: anchors are states, and environment 'fog' does not tell a state's"
                + " hash: choose {type: off}, or another environment");
    TrainingRun.requireAnchors(config(Mode.HARNESS), blind);
  }
}
