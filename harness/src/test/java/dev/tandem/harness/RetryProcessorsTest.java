package dev.tandem.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.event.Budget;
import dev.tandem.harness.run.EpisodeRunner;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Processors that have the model asked again. */
class RetryProcessorsTest {
  private final TinyHouse house = new TinyHouse();

  @Test
  void loopGuardHasTheModelAskedAgainWhenItRepeatsItself() {
    ScriptedModel model =
        new ScriptedModel(
            "go to shelf 1", "go to table 1", "go to shelf 1", "go to table 1", "go to cabinet 1");
    HarnessConfig config = HarnessConfig.of(ProcessorSpec.of("loop_guard"));

    EpisodeRunner.run(Harness.compile(config), house, model, new Budget(4, 2, 1_000), 1);

    assertThat(model.prompts().getLast())
        .isEqualTo("you go to shelf 1 .\nyou did that . try other .");
    assertThat(house.commands)
        .containsExactly("go to shelf 1", "go to table 1", "go to shelf 1", "go to cabinet 1");
  }

  @Test
  void loopGuardToleratesRepetitionsBelowItsLimit() {
    ScriptedModel model = new ScriptedModel("look", "look", "look", "go to shelf 1");
    HarnessConfig config = HarnessConfig.of(ProcessorSpec.of("loop_guard", Map.of("repeats", 2)));

    EpisodeRunner.run(Harness.compile(config), house, model, new Budget(3, 2, 1_000), 1);

    assertThat(house.commands).containsExactly("look", "look", "go to shelf 1");
  }

  @Test
  void parseRetryAsksAgainAsOftenAsItMay() {
    ScriptedModel model = new ScriptedModel("fly", "swim", "dive", "go to shelf 1");
    HarnessConfig config = HarnessConfig.of(ProcessorSpec.of("parse_retry", Map.of("attempts", 2)));

    EpisodeRunner.run(Harness.compile(config), house, model, new Budget(2, 9, 1_000), 1);

    assertThat(house.commands).containsExactly("dive", "go to shelf 1");
    assertThat(model.prompts().get(1))
        .isEqualTo("you wake up .\nthat is not possible . try other .");
  }

  @Test
  void searchGuardKeepsTheModelFromSearchingAPlaceTwiceForNothing() {
    ScriptedModel model =
        new ScriptedModel("go to table 1", "go to shelf 1", "go to table 1", "go to cabinet 1");
    HarnessConfig config = HarnessConfig.of(ProcessorSpec.of("search_guard"));

    EpisodeRunner.run(Harness.compile(config), house, model, new Budget(3, 2, 1_000), 1);

    assertThat(house.commands).containsExactly("go to table 1", "go to shelf 1", "go to cabinet 1");
    assertThat(model.prompts().getLast())
        .isEqualTo("you go to shelf 1 .\nit is searched . try other .");
  }

  @Test
  void searchGuardLetsTheModelReturnToWhatTheGoalNeeds() {
    ScriptedModel model = new ScriptedModel("go to shelf 1", "go to table 1", "go to shelf 1");
    HarnessConfig config = HarnessConfig.of(ProcessorSpec.of("search_guard"));

    EpisodeRunner.run(Harness.compile(config), house, model, new Budget(3, 3, 1_000), 1);

    assertThat(house.commands)
        .as("a mug was seen on the shelf")
        .containsExactly("go to shelf 1", "go to table 1", "go to shelf 1");
  }

  @Test
  void searchGuardLetsTheModelCarryThingsAnywhere() {
    ScriptedModel model =
        new ScriptedModel(
            "go to table 1", "go to shelf 1", "take mug 1 from shelf 1", "go to table 1");
    HarnessConfig config = HarnessConfig.of(ProcessorSpec.of("search_guard"));

    EpisodeRunner.run(Harness.compile(config), house, model, new Budget(4, 3, 1_000), 1);

    assertThat(house.commands).endsWith("take mug 1 from shelf 1", "go to table 1");
  }
}
