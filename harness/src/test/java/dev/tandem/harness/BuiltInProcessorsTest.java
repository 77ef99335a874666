package dev.tandem.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.event.Budget;
import dev.tandem.harness.event.Facts;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.run.EpisodeRunner;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What each processor makes the model see and do. */
class BuiltInProcessorsTest {
  /** The house of the latest play. */
  private TinyHouse house = new TinyHouse();

  /** Runs a script under a harness and gives back the model with its requests. */
  private ScriptedModel play(HarnessConfig config, String... script) {
    house = new TinyHouse();
    ScriptedModel model = new ScriptedModel(script);
    Budget budget = new Budget(script.length, 1, 1_000_000);
    EpisodeRunner.run(
        Harness.compile(config, ProcessorRegistry.builtIn()), house, model, budget, 1);
    return model;
  }

  private ScriptedModel play(String type, Map<String, ?> parameters, String... script) {
    return play(HarnessConfig.of(ProcessorSpec.of(type, parameters)), script);
  }

  /** Prompts under the given processor. */
  private List<String> notes(String type, Map<String, ?> parameters, String... script) {
    return play(HarnessConfig.of(ProcessorSpec.of(type, parameters)), script).prompts();
  }

  @Test
  void systemPromptTellsTheGoal() {
    assertThat(play("system_prompt", Map.of(), "x").requests.getFirst().messages().getFirst())
        .isEqualTo(Message.system("goal : take two mug ."));
    assertThat(
            play("system_prompt", Map.of("template", "do {goal} !"), "x")
                .requests
                .getFirst()
                .messages()
                .getFirst())
        .isEqualTo(Message.system("do take two mug !"));
  }

  @Test
  void admissibleCommandsListOrMask() {
    List<String> commands = List.of("go to shelf 1", "go to table 1", "go to cabinet 1");
    String list = " actions : go to shelf 1 | go to table 1 | go to cabinet 1 .";

    assertThat(play("admissible_commands", Map.of(), "x").requests.getFirst())
        .satisfies(request -> assertThat(request.choices()).isEqualTo(commands))
        .satisfies(
            request ->
                assertThat(request.messages().getLast().content()).isEqualTo("you wake up ."));
    assertThat(play("admissible_commands", Map.of("mode", "list"), "x").requests.getFirst())
        .satisfies(request -> assertThat(request.choices()).isEmpty())
        .satisfies(
            request -> assertThat(request.messages().getLast().content()).endsWith("up ." + list));
    assertThat(play("admissible_commands", Map.of("mode", "both"), "x").requests.getFirst())
        .satisfies(request -> assertThat(request.choices()).isEqualTo(commands))
        .satisfies(
            request -> assertThat(request.messages().getLast().content()).endsWith("up ." + list));
  }

  @Test
  void loopGuardNoticesARepetitionAfterwards() {
    assertThat(
            notes("loop_guard", Map.of("action", "notice"), "look", "look", "go to shelf 1", "x"))
        .containsExactly(
            "you wake up .",
            "nothing happens .",
            "nothing happens . you did that . try other .",
            "you go to shelf 1 .");
    assertThat(house.commands).hasSize(4);
  }

  @Test
  void stepBudgetNoticeWarnsWhenStepsAreFew() {
    assertThat(notes("step_budget_notice", Map.of("below", 2), "look", "look", "look"))
        .containsExactly(
            "you wake up .",
            "nothing happens . steps left : 2 .",
            "nothing happens . steps left : 1 .");
  }

  @Test
  void historyWindowKeepsTheLastExchanges() {
    String[] script = {"go to shelf 1", "go to table 1", "go to cabinet 1", "x"};

    assertThat(play("history_window", Map.of("turns", 1), script).requests.getLast().messages())
        .extracting(Message::content)
        .containsExactly("you go to table 1 .", "go to cabinet 1", "you go to cabinet 1 .");
    assertThat(play("history_window", Map.of("turns", 0), script).requests.getLast().messages())
        .hasSize(1);
    assertThat(play("history_window", Map.of("turns", 9), script).requests.getLast().messages())
        .hasSize(7);
  }

  @Test
  void factsHaveOneOrderWhateverMapTheyCameIn() {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("b", 1);
    one.put("a", Map.of("d", 2, "c", 3));
    assertThat(new Facts(one).tree().toString()).isEqualTo("{a={c=3, d=2}, b=1}");
  }

  @Test
  void rendererTellsFactsWhateverTheyAre() {
    String[] script = {"go to shelf 1", "x"};

    assertThat(play("observation_renderer", Map.of(), script).prompts().getLast())
        .isEqualTo(
            "you go to shelf 1 . here : access always_open contents mug 1 | knife 2 name shelf 1 ."
                + " holding : nothing . places : shelf 1 | table 1 | cabinet 1 .");
    assertThat(play("observation_renderer", Map.of("form", "json"), "x").prompts().getFirst())
        .isEqualTo(
            "you wake up . {\"holding\":[],\"places\":[\"shelf 1\",\"table 1\",\"cabinet 1\"]}");
  }

  static List<ProcessorType> types() {
    return ProcessorRegistry.builtIn().types();
  }

  @ParameterizedTest
  @MethodSource("types")
  void everyTypeIsDescribedAndAddressesSomething(ProcessorType type) {
    assertThat(type.summary()).endsWith(".");
    assertThat(type.addresses().isEmpty())
        .as("what only looks on, or is yet to be written, cures nothing")
        .isEqualTo(type.dimension().observes() || type.id().equals("javascript"));
    assertThat(type.hooks()).isNotEmpty();
    assertThat(type.parameters())
        .allSatisfy(parameter -> assertThat(parameter.problem(parameter.defaultValue())).isEmpty());
  }
}
