package dev.tandem.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.event.Budget;
import dev.tandem.harness.run.EpisodeRunner;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Processors that have the model asked again. */
class RetryProcessorsTest {
  private static final ProcessorRegistry REGISTRY = ProcessorRegistry.builtIn();

  private final TinyHouse house = new TinyHouse();

  @Test
  void loopGuardHasTheModelAskedAgainWhenItRepeatsItself() {
    ScriptedModel model =
        new ScriptedModel(
            "go to shelf 1", "go to table 1", "go to shelf 1", "go to table 1", "go to cabinet 1");
    HarnessConfig config = HarnessConfig.of(ProcessorSpec.of("loop_guard"));

    EpisodeRunner.run(Harness.compile(config, REGISTRY), house, model, new Budget(4, 2, 1_000), 1);

    assertThat(model.prompts().getLast())
        .isEqualTo("you go to shelf 1 .\nyou did that . try other .");
    assertThat(house.commands)
        .containsExactly("go to shelf 1", "go to table 1", "go to shelf 1", "go to cabinet 1");
  }

  @Test
  void loopGuardToleratesRepetitionsBelowItsLimit() {
    ScriptedModel model = new ScriptedModel("look", "look", "look", "go to shelf 1");
    HarnessConfig config = HarnessConfig.of(ProcessorSpec.of("loop_guard", Map.of("repeats", 2)));

    EpisodeRunner.run(Harness.compile(config, REGISTRY), house, model, new Budget(3, 2, 1_000), 1);

    assertThat(house.commands).containsExactly("look", "look", "go to shelf 1");
  }

  @Test
  void whoRetriesLetsTheLastResponseOfAStepAct() {
    for (String type : List.of("loop_guard", "parse_retry")) {
      TinyHouse own = new TinyHouse();
      ScriptedModel stubborn = new ScriptedModel("fly");
      HarnessConfig config = HarnessConfig.of(ProcessorSpec.of(type));

      EpisodeRunner.run(
          Harness.compile(config, REGISTRY), own, stubborn, new Budget(3, 2, 1_000), 1);

      assertThat(own.commands).as(type).containsExactly("fly", "fly", "fly");
    }
  }

  @Test
  void parseRetryAcceptsUsesOfTools() {
    CounterWorld world = new CounterWorld();
    ScriptedToolUser model = new ScriptedToolUser("done", CounterWorld.add("a", 5));
    HarnessConfig config = HarnessConfig.of(ProcessorSpec.of("parse_retry"));

    EpisodeRunner.run(Harness.compile(config, REGISTRY), world, model, new Budget(2, 9, 1_000), 1);

    assertThat(world.count).isEqualTo(5);
    assertThat(model.requests).hasSize(2);
  }

  @Test
  void parseRetryAsksAgainAsOftenAsItMay() {
    ScriptedModel model = new ScriptedModel("fly", "swim", "dive", "go to shelf 1");
    HarnessConfig config = HarnessConfig.of(ProcessorSpec.of("parse_retry", Map.of("attempts", 2)));

    EpisodeRunner.run(Harness.compile(config, REGISTRY), house, model, new Budget(2, 9, 1_000), 1);

    assertThat(house.commands).containsExactly("dive", "go to shelf 1");
    assertThat(model.prompts().get(1))
        .isEqualTo("you wake up .\nthat is not possible . try other .");
  }
}
