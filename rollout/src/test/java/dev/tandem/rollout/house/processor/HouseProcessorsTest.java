package dev.tandem.rollout.house.processor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.Harness;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.event.Budget;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.EpisodeRunner;
import dev.tandem.harness.run.Step;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What House's processors make the model see. */
class HouseProcessorsTest {
  private static final ProcessorRegistry REGISTRY =
      ProcessorRegistry.builtIn().with(HouseProcessors.types());

  /** The house of the latest play. */
  private String goal = "take two mug";

  private TinyHouse house = new TinyHouse(goal);

  /** Runs a script under a harness and gives back the model with its requests. */
  private ScriptedModel play(HarnessConfig config, String... script) {
    house = new TinyHouse(goal);
    ScriptedModel model = new ScriptedModel(script);
    Budget budget = new Budget(script.length, 1, 1_000_000);
    EpisodeRunner.run(Harness.compile(config, REGISTRY), house, model, budget, 1);
    return model;
  }

  private ScriptedModel play(String type, Map<String, ?> parameters, String... script) {
    return play(HarnessConfig.of(ProcessorSpec.of(type, parameters)), script);
  }

  /** Prompts under the renderer without feedback and the given processor. */
  private List<String> notes(String type, Map<String, ?> parameters, String... script) {
    ProcessorSpec renderer =
        ProcessorSpec.of(
            "house_view", Map.of("feedback", "never", "contents", false, "holding", false));
    return play(HarnessConfig.of(renderer, ProcessorSpec.of(type, parameters)), script).prompts();
  }

  @Test
  void rendererSaysWhatTheAgentSees() {
    assertThat(
            play(
                    "house_view",
                    Map.of(),
                    "go to shelf 1",
                    "take mug 1 from shelf 1",
                    "fly away",
                    "go to table 1",
                    "go to cabinet 1",
                    "open cabinet 1",
                    "go to shelf 1")
                .prompts())
        .containsExactly(
            "you are in the room .",
            "you are at shelf 1 . you see mug 1 knife 2 .",
            "you are at shelf 1 . you see knife 2 . you hold mug 1 .",
            "nothing happens . you are at shelf 1 . you see knife 2 . you hold mug 1 .",
            "you are at table 1 . you see nothing . you hold mug 1 .",
            "you are at cabinet 1 . it is closed . you hold mug 1 .",
            "you are at cabinet 1 . it is open . you see mug 2 . you hold mug 1 .");
  }

  @Test
  void rendererLeavesOutAndAddsWhatItIsTold() {
    assertThat(
            play(
                    "house_view",
                    Map.of(
                        "feedback", "always", "contents", false, "holding", false, "places", true),
                    "go to shelf 1",
                    "take mug 1 from shelf 1",
                    "x")
                .prompts()
                .getLast())
        .isEqualTo(
            "you take mug 1 from shelf 1 . you are at shelf 1 . places : shelf 1 table 1 cabinet 1"
                + " .");
  }

  @Test
  void rendererAlwaysTellsWhyAnActionWasBlocked() {
    ProcessorType guard =
        new ProcessorType(
            "guard",
            "Blocks everything.",
            "guard",
            Dimension.CONTROL_AND_SAFETY,
            Set.of(Hook.BEFORE_TOOL),
            ProcessorType.NORMAL,
            List.of(),
            Set.of(),
            List.of(),
            _ -> _ -> new Outcome.Intercept("not allowed ."));
    HarnessConfig config =
        HarnessConfig.of(
            ProcessorSpec.of("house_view", Map.of("feedback", "never")), ProcessorSpec.of("guard"));
    ScriptedModel model = new ScriptedModel("go to shelf 1");

    EpisodeRunner.run(
        Harness.compile(config, REGISTRY.with(guard)), house, model, new Budget(2, 1, 100), 1);

    assertThat(model.prompts().getLast()).isEqualTo("not allowed . you are in the room .");
  }

  @Test
  void rendererRemembersFeedbackOrTheWholeText() {
    String[] script = {"go to shelf 1", "go to table 1", "x"};

    assertThat(play("house_view", Map.of(), script).requests.getLast().messages())
        .extracting(Message::content)
        .containsExactly(
            "you wake up .",
            "go to shelf 1",
            "you go to shelf 1 .",
            "go to table 1",
            "you are at table 1 . you see nothing .");
    assertThat(play("house_view", Map.of("remember", "full"), script).requests.getLast().messages())
        .extracting(Message::content)
        .containsExactly(
            "you wake up .",
            "go to shelf 1",
            "you are at shelf 1 . you see mug 1 knife 2 .",
            "go to table 1",
            "you are at table 1 . you see nothing .");
  }

  @Test
  void theViewKeepsAnErrorAnErrorWhereItIsRemembered() {
    HarnessConfig config =
        HarnessConfig.of(ProcessorSpec.of("house_view", Map.of("remember", "full")));
    Model misled =
        _ ->
            new Model.Completion(
                "",
                List.of(new ToolUse("a", "lever", "{}")),
                TokenTrace.NONE,
                new Model.Usage(1, 1, 0),
                Model.Finish.STOP);

    Episode episode =
        EpisodeRunner.run(
            Harness.compile(config, REGISTRY),
            new TinyHouse(goal),
            misled,
            new Budget(1, 1, 1_000),
            1);

    assertThat(episode.exitReason()).isEqualTo(ExitReason.STEP_BUDGET);
    assertThat(episode.steps()).extracting(Step::executed).containsExactly(false);
  }

  @Test
  void frontierNoteTellsWhatIsLeftOrDone() {
    String[] script = {"go to cabinet 1", "open cabinet 1", "go to shelf 1", "x"};

    assertThat(notes("frontier_note", Map.of(), script))
        .startsWith("you are in the room . unsearched : shelf 1 .")
        .endsWith("you are at shelf 1 . unsearched : table 1 .");
    assertThat(notes("frontier_note", Map.of("limit", 40), script))
        .containsExactly(
            "you are in the room . unsearched : shelf 1 table 1 cabinet 1 .",
            "you are at cabinet 1 . it is closed . unsearched : shelf 1 table 1 cabinet 1 .",
            "you are at cabinet 1 . it is open . unsearched : shelf 1 table 1 .",
            "you are at shelf 1 . unsearched : table 1 .");
    assertThat(notes("frontier_note", Map.of("show", "searched"), "go to table 1", "x"))
        .containsExactly(
            "you are in the room . searched : nothing .",
            "you are at table 1 . searched : table 1 .");
    assertThat(notes("frontier_note", Map.of("show", "both", "limit", 1), "x"))
        .containsExactly("you are in the room . searched : nothing . unsearched : shelf 1 .");
  }

  @Test
  void sightingNoteTellsWhereTheGoalsThingsAreAndForgetsWhatWasTaken() {
    assertThat(
            notes(
                "sighting_note",
                Map.of(),
                "go to shelf 1",
                "go to table 1",
                "go to shelf 1",
                "take mug 1 from shelf 1",
                "go to table 1",
                "x"))
        .containsExactly(
            "you are in the room .",
            "you are at shelf 1 . seen : mug 1 here .",
            "you are at table 1 . seen : mug 1 at shelf 1 .",
            "you are at shelf 1 . seen : mug 1 here .",
            "you are at shelf 1 .",
            "you are at table 1 .");
  }

  @Test
  void sightingNoteLeavesOutWhatLiesWhereTheGoalWantsIt() {
    goal = "put two mug on shelf";
    assertThat(
            notes(
                "sighting_note",
                Map.of(),
                "go to shelf 1",
                "go to cabinet 1",
                "open cabinet 1",
                "take mug 2 from cabinet 1",
                "x"))
        .containsExactly(
            "you are in the room .",
            "you are at shelf 1 .",
            "you are at cabinet 1 . it is closed .",
            "you are at cabinet 1 . it is open . seen : mug 2 here .",
            "you are at cabinet 1 . it is open .");
    goal = "put a clean mug on shelf";
    assertThat(notes("sighting_note", Map.of(), "go to shelf 1", "x"))
        .endsWith("you are at shelf 1 . seen : mug 1 here .");
  }

  @Test
  void sightingNoteOfEverythingKeepsTheMostRecent() {
    assertThat(
            notes("sighting_note", Map.of("scope", "all"), "go to shelf 1", "go to table 1", "x"))
        .endsWith("you are at table 1 . seen : mug 1 at shelf 1 knife 2 at shelf 1 .");
    assertThat(
            notes(
                "sighting_note",
                Map.of("scope", "all", "limit", 1),
                "go to shelf 1",
                "go to table 1",
                "x"))
        .endsWith("you are at table 1 . seen : mug 1 at shelf 1 .");
  }

  @Test
  void progressNoteTellsWhatIsDoneWithEffect() {
    assertThat(
            notes(
                "progress_note",
                Map.of(),
                "take mug 1 from shelf 1",
                "go to shelf 1",
                "take mug 1 from shelf 1",
                "take knife 2 from shelf 1",
                "x"))
        .containsExactly(
            "you are in the room . done : nothing .",
            "you are in the room . done : nothing .",
            "you are at shelf 1 . done : nothing .",
            "you are at shelf 1 . done : take mug 1 .",
            "you are at shelf 1 . done : take mug 1 take knife 2 .");
  }

  @Test
  void progressNoteKeepsTheLastOfItsVerbs() {
    assertThat(
            notes(
                "progress_note",
                Map.of("verbs", "go", "limit", 1),
                "go to shelf 1",
                "go to table 1",
                "x"))
        .endsWith("you are at table 1 . done : go to table .");
  }

  @Test
  void notesComeInReadingOrder() {
    List<ProcessorSpec> everything =
        Stream.of(
                ProcessorSpec.of("loop_guard", Map.of("action", "notice")),
                ProcessorSpec.of("step_budget_notice"),
                ProcessorSpec.of("progress_note"),
                ProcessorSpec.of("sighting_note"),
                ProcessorSpec.of("frontier_note"),
                ProcessorSpec.of("house_view"))
            .toList();

    assertThat(
            play(
                    new HarnessConfig(everything),
                    "go to shelf 1",
                    "go to table 1",
                    "look",
                    "look",
                    "x")
                .prompts())
        .endsWith(
            "nothing happens . you are at table 1 . you see nothing . seen : mug 1 at shelf 1 ."
                + " done : nothing . unsearched : cabinet 1 . steps left : 1 ."
                + " you did that . try other .");
  }

  @Test
  void vocabularyHoldsEveryWordThatProcessorsAdd() {
    Set<String> known = new HashSet<>(words());
    // The house's own words: goal, places, items, commands and their feedback.
    known.addAll(
        Arrays.asList("wake up two mug knife shelf table cabinet go to take from look".split(" ")));
    List<ProcessorSpec> everything =
        REGISTRY.searchable().stream()
            .filter(type -> !type.id().equals("observation_renderer")) // the house has its own
            .map(type -> ProcessorSpec.of(type.id(), talkative(type)))
            .toList();
    ScriptedModel model =
        new ScriptedModel(
            "go to cabinet 1",
            "open cabinet 1",
            "go to shelf 1",
            "take mug 1 from shelf 1",
            "look",
            "look",
            "go to table 1",
            "look",
            "look");

    EpisodeRunner.run(
        Harness.compile(new HarnessConfig(everything), REGISTRY),
        house,
        model,
        new Budget(9, 3, 9_999),
        1);

    assertThat(model.requests)
        .flatExtracting(Model.Request::messages)
        .flatExtracting(message -> Arrays.asList(message.content().split("[ \n]", -1)))
        .isSubsetOf(known);
    assertThat(words()).doesNotContain("").contains("|", "50");
  }

  private static Set<String> words() {
    Set<String> words = new HashSet<>(REGISTRY.vocabulary());
    words.addAll(HouseProcessors.vocabulary());
    return words;
  }

  /** Parameters that make a processor say as much as it can. */
  private static Map<String, Object> talkative(ProcessorType type) {
    return switch (type.id()) {
      case "house_view" -> Map.of("feedback", "always", "places", true);
      case "admissible_commands" -> Map.of("mode", "list");
      case "frontier_note" -> Map.of("show", "both");
      case "sighting_note" -> Map.of("scope", "all");
      case "step_budget_notice" -> Map.of("below", 50);
      default -> Map.of();
    };
  }

  @Test
  void searchGuardKeepsTheModelFromSearchingAPlaceTwiceForNothing() {
    ScriptedModel model =
        new ScriptedModel("go to table 1", "go to shelf 1", "go to table 1", "go to cabinet 1");
    HarnessConfig config = HarnessConfig.of(ProcessorSpec.of("search_guard"));

    EpisodeRunner.run(Harness.compile(config, REGISTRY), house, model, new Budget(3, 2, 1_000), 1);

    assertThat(house.commands).containsExactly("go to table 1", "go to shelf 1", "go to cabinet 1");
    assertThat(model.prompts().getLast())
        .isEqualTo("you go to shelf 1 .\nit is searched . try other .");
  }

  @Test
  void searchGuardLetsTheModelReturnToWhatTheGoalNeeds() {
    ScriptedModel model = new ScriptedModel("go to shelf 1", "go to table 1", "go to shelf 1");
    HarnessConfig config = HarnessConfig.of(ProcessorSpec.of("search_guard"));

    EpisodeRunner.run(Harness.compile(config, REGISTRY), house, model, new Budget(3, 3, 1_000), 1);

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

    EpisodeRunner.run(Harness.compile(config, REGISTRY), house, model, new Budget(4, 3, 1_000), 1);

    assertThat(house.commands).endsWith("take mug 1 from shelf 1", "go to table 1");
  }
}
