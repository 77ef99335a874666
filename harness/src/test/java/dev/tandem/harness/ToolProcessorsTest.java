package dev.tandem.harness;

import static dev.tandem.harness.ScriptedToolUser.use;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.event.Budget;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.processor.tools.SkillLibrary;
import dev.tandem.harness.run.EpisodeRunner;
import dev.tandem.harness.spi.Services;
import dev.tandem.harness.tool.Tool;
import dev.tandem.harness.tool.ToolOutput;
import dev.tandem.harness.tool.ToolRegistry;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tools: what the model is offered, what becomes of its calls, and of their results. */
final class ToolProcessorsTest {
  private final List<String> calls = new ArrayList<>();
  private final Tool paint =
      new Tool(
          new ToolSpec(
              "paint",
              "Paints something in a colour.",
              """
              {"type": "object", "description": "what to paint",
               "properties": {
                 "colour": {"type": "string", "enum": ["red", "green", "blue"], "description": "which"},
                 "coats": {"type": "integer"},
                 "description": {"type": "string"}},
               "required": ["colour"]}
              """),
          "1",
          input -> {
            calls.add(input);
            return ToolOutput.of("painted . ".repeat(20));
          });
  private final Tool broken =
      new Tool(
          new ToolSpec("broken", "Never works.", "{\"type\": \"object\"}"),
          "1",
          input -> {
            calls.add("broken");
            return ToolOutput.failed("no");
          });
  private final Tool writeFile =
      new Tool(
          new ToolSpec("write_file", "Writes.", "{\"type\": \"object\"}"),
          "1",
          input -> {
            calls.add("write " + input);
            return ToolOutput.of("written");
          });

  private ScriptedToolUser play(ProcessorSpec processor, ToolUse... uses) {
    ScriptedToolUser model = new ScriptedToolUser("done", uses);
    EpisodeRunner.run(
        Harness.compile(
            HarnessConfig.of(processor),
            ProcessorRegistry.builtIn(),
            Services.NONE.with(
                ToolRegistry.class, new ToolRegistry(List.of(paint, broken, writeFile)))),
        new CounterWorld(),
        model,
        new Budget(20, 2, 1_000_000),
        1);
    return model;
  }

  private static List<String> offered(Model.Request request) {
    return request.tools().stream().map(ToolSpec::name).toList();
  }

  @Test
  void filteredToolsAreNeitherOfferedNorCarriedOut() {
    ScriptedToolUser model =
        play(
            ProcessorSpec.of(
                "tool_filter",
                Map.of("allow", List.of("p*", "add", "broken"), "deny", List.of("broken"))),
            use("broken", "{}"));
    assertThat(offered(model.requests.getFirst())).containsExactly("add", "paint");
    assertThat(calls).isEmpty();
  }

  @Test
  void schemasAreSimplifiedForTheModelOnly() {
    ScriptedToolUser model =
        play(
            ProcessorSpec.of("schema_adapter", Map.of("optional", false, "description_length", 6)),
            use("paint", "{\"colour\":\"red\",\"coats\":2}"));
    ToolSpec seen =
        model.requests.getFirst().tools().stream()
            .filter(tool -> tool.name().equals("paint"))
            .findFirst()
            .orElseThrow();
    assertThat(seen.description()).isEqualTo("Paints");
    assertThat(seen.inputSchema())
        .isEqualTo(
            "{\"type\":\"object\",\"properties\":{\"colour\":{\"type\":\"string\",\"enum\":[\"red\",\"green\",\"blue\"]}},\"required\":[\"colour\"]}");
    assertThat(calls).containsExactly("{\"colour\":\"red\",\"coats\":2}");
  }

  @Test
  void schemasKeepAPropertyThatIsCalledDescription() {
    ScriptedToolUser model = play(ProcessorSpec.of("schema_adapter"));
    assertThat(model.requests.getFirst().tools().get(1).inputSchema())
        .contains("\"description\":{\"type\":\"string\"}")
        .doesNotContain("which", "what to paint");
  }

  @Test
  void nearlyRightInputIsCorrected() {
    play(
        ProcessorSpec.of("argument_correction"),
        use("paint", "{\"colour\":\"grene\",\"coats\":\"2\"}"),
        use("paint", "{\"colour\":\"purple\"}"));
    assertThat(calls).containsExactly("{\"colour\":\"green\",\"coats\":2}");
  }

  @Test
  void nearlyRightCommandsAreCorrectedUnlessItIsTheNumberThatIsWrong() {
    TinyHouse house = new TinyHouse();
    EpisodeRunner.run(
        Harness.compile(
            HarnessConfig.of(ProcessorSpec.of("argument_correction")), ProcessorRegistry.builtIn()),
        house,
        new ScriptedModel("go too shelf 1", "take mug 3 from shelf 1", "sing"),
        new Budget(3, 1, 1_000),
        1);
    assertThat(house.commands).containsExactly("go to shelf 1", "take mug 3 from shelf 1", "sing");
  }

  @Test
  void longResultsLoseTheirMiddle() {
    ScriptedToolUser model =
        play(
            ProcessorSpec.of("result_truncation", Map.of("characters", 60, "end_percent", 50)),
            use("paint", "{\"colour\":\"red\"}"));
    String kept = "painted . ".repeat(3);
    assertThat(model.prompts().get(1))
        .isEqualTo(kept + "\n... 140 characters left out ...\n" + kept);
  }

  @Test
  void aSkillIsReadOnDemandAndCostsNoAction() {
    TinyHouse house = new TinyHouse();
    ScriptedModel model = new ScriptedModel("skill mugs", "skill forks", "go to shelf 1");
    SkillLibrary library =
        new SkillLibrary(
            List.of(new SkillLibrary.Skill("mugs", "where mugs are", "look on the shelf .")));
    EpisodeRunner.run(
        Harness.compile(
            HarnessConfig.of(ProcessorSpec.of("skill_documents")),
            ProcessorRegistry.builtIn(),
            Services.NONE.with(SkillLibrary.class, library)),
        house,
        model,
        new Budget(3, 1, 1_000),
        1);
    assertThat(model.requests.getFirst().messages().getFirst().content())
        .contains("mugs - where mugs are")
        .doesNotContain("shelf");
    assertThat(model.prompts())
        .containsExactly("you wake up .", "look on the shelf .", "there is no skill forks .");
    assertThat(house.commands).containsExactly("go to shelf 1");
  }

  @Test
  void aToolThatKeepsFailingIsWithdrawnForAWhile() {
    ToolUse fails = use("broken", "{}");
    ToolUse works = use("paint", "{\"colour\":\"red\"}");
    ScriptedToolUser model =
        play(
            ProcessorSpec.of("tool_failure_guard", Map.of("failures", 2, "steps", 2)),
            fails,
            fails,
            works,
            works,
            works);
    assertThat(model.requests.stream().map(request -> offered(request).contains("broken")))
        .containsExactly(true, true, false, false, true, true);
    assertThat(model.prompts().get(2)).contains("broken");
    assertThat(model.prompts().get(4)).doesNotContain("broken");
  }

  @Test
  void aToolThatWorksInBetweenIsNotWithdrawn() {
    ToolUse fails = use("broken", "{}");
    ScriptedToolUser model =
        play(
            ProcessorSpec.of("tool_failure_guard", Map.of("failures", 3)),
            fails,
            use("paint", "{\"colour\":\"red\"}"),
            fails);
    assertThat(model.requests).allMatch(request -> offered(request).contains("broken"));
  }

  @Test
  void aFurtherEditOfTheSameTargetIsBlockedUntilSomethingElseIsDone() {
    ToolUse edit = use("write_file", "{\"path\":\"a\"}");
    ScriptedToolUser model =
        play(
            ProcessorSpec.of("repeated_edit_guard", Map.of("edits", 2)),
            edit,
            edit,
            edit,
            use("paint", "{\"colour\":\"red\"}"),
            edit);
    assertThat(calls)
        .containsExactly(
            "write {\"path\":\"a\"}",
            "write {\"path\":\"a\"}",
            "{\"colour\":\"red\"}",
            "write {\"path\":\"a\"}");
    assertThat(model.prompts().get(3))
        .isEqualTo("you changed a 2 times in a row . look at what came of it first .");
  }

  @Test
  void editsOfDifferentTargetsAreNotRepeated() {
    play(
        ProcessorSpec.of("repeated_edit_guard", Map.of("edits", 1)),
        use("write_file", "{\"path\":\"a\"}"),
        use("write_file", "{\"path\":\"b\"}"));
    assertThat(calls).hasSize(2);
  }
}
