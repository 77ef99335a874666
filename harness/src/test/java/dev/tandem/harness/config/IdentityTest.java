package dev.tandem.harness.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.harness.Harness;
import dev.tandem.harness.TestTypes;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.processor.evaluation.CompletionCheck;
import dev.tandem.harness.processor.observability.EventSink;
import dev.tandem.harness.processor.tools.SkillLibrary;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Services;
import dev.tandem.harness.tool.Tool;
import dev.tandem.harness.tool.ToolOutput;
import dev.tandem.harness.tool.ToolRegistry;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.Parameter;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.harness.value.Slots;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is part of a harness's identity and what is not. */
class IdentityTest {
  private static final ProcessorRegistry BUILT_IN = ProcessorRegistry.builtIn();

  private static final ProcessorType SCRIPT =
      new ProcessorType(
              "script",
              "Is named by its parameters.",
              "script",
              Dimension.CONTROL_AND_SAFETY,
              Set.of(),
              ProcessorType.NORMAL,
              List.of(),
              Set.of(),
              List.of(
                  new Parameter.Text("name", ""),
                  new Parameter.Text("source", ""),
                  new Parameter.Texts("hooks", List.of("step_end")),
                  new Parameter.Decimal("threshold", 0.5, 0, 1),
                  new Parameter.Label("path", "")),
              _ -> _ -> Outcome.PASS)
          .refinedBy(
              (declared, arguments) -> {
                if (arguments.text("name").isEmpty()) {
                  throw new HarnessException("a script needs a name");
                }
                return new ProcessorType(
                    arguments.text("name"),
                    declared.summary(),
                    "script " + arguments.text("name"),
                    declared.dimension(),
                    Set.of(Hook.STEP_END),
                    declared.order(),
                    declared.after(),
                    declared.addresses(),
                    declared.parameters(),
                    declared.factory());
              });
  private static final ProcessorType TRACER =
      new ProcessorType(
          "watcher",
          "Looks on.",
          "watcher",
          Dimension.OBSERVABILITY,
          Set.of(Hook.STEP_END),
          ProcessorType.POST,
          List.of(),
          Set.of(),
          List.of(),
          _ -> _ -> Outcome.PASS);
  private static final ProcessorRegistry REGISTRY =
      ProcessorRegistry.builtIn().with(SCRIPT, TRACER);

  private static final String YAML =
      """
      description: a harness with everything
      slots:
        tools: ["act","files__*"]
        tracer: jsonl
        workspace: scratch
      processors:
        - type: script
          hooks: ["step_end","task_end"]
          name: stop
          path: "/tmp/x"
          source: |
            function on(event) {
              return {pass: true};
            }
          threshold: 0.25
        - type: watcher
      """;

  private static HarnessConfig parse(String text) {
    return HarnessConfig.parse(text, "h.yaml", REGISTRY);
  }

  private static HarnessConfig script(Object source, Object path) {
    return HarnessConfig.of(
        ProcessorSpec.of("script", Map.of("name", "stop", "source", source, "path", path)));
  }

  @Test
  void roundTripGivesIdenticalBytesInYamlAndJson() {
    HarnessConfig config = parse(YAML);

    assertThat(config.toYaml()).isEqualTo(YAML);
    assertThat(parse(config.toJson())).isEqualTo(config);
    assertThat(parse(config.toJson()).toJson()).isEqualTo(config.toJson());
    assertThat(config.slots().tools()).containsExactly("act", "files__*");
    assertThat(config.slots().workspace()).isEqualTo(Slots.WorkspaceMode.SCRATCH);
  }

  @Test
  void textOfSeveralLinesRoundTrips() {
    for (String source :
        List.of(
            "a\nb",
            "a\nb\n",
            "a\n\nb\n",
            "a\nb\n\n",
            " a\nb",
            "\na",
            "a \nb",
            "a\n  b: #c\n",
            "a\n\tb",
            "---\nb",
            "é\nb")) {
      HarnessConfig config = script(source, "");

      assertThat(parse(config.toYaml())).as(config.toYaml()).isEqualTo(config);
      assertThat(parse(config.toJson())).isEqualTo(config);
    }
  }

  @Test
  void codeAndParametersAreHashedAndPathsTracersAndDescriptionsAreNot() {
    HarnessConfig config = parse(YAML);
    String hash = config.hash(REGISTRY);

    assertThat(parse(YAML.replace("pass: true", "pass: false")).hash(REGISTRY)).isNotEqualTo(hash);
    assertThat(parse(YAML.replace("0.25", "0.26")).hash(REGISTRY)).isNotEqualTo(hash);
    assertThat(parse(YAML.replace("files__*", "files_*")).hash(REGISTRY)).isNotEqualTo(hash);
    assertThat(parse(YAML.replace("scratch", "copy")).hash(REGISTRY)).isNotEqualTo(hash);

    assertThat(parse(YAML.replace("/tmp/x", "/tmp/y")).hash(REGISTRY)).isEqualTo(hash);
    assertThat(parse(YAML.replace("jsonl", "other")).hash(REGISTRY)).isEqualTo(hash);
    assertThat(parse(YAML.replace("with everything", "renamed")).hash(REGISTRY)).isEqualTo(hash);
    assertThat(parse(YAML.replace("  - type: watcher\n", "")).hash(REGISTRY)).isEqualTo(hash);
  }

  @Test
  void defaultSlotsKeepTheHashOfHarnessesWithoutSlots() {
    // printf '{"processors":[{"action":"retry","repeats":1,"type":"loop_guard"}]}' | sha256sum
    assertThat(HarnessConfig.of(ProcessorSpec.of("loop_guard")).hash(BUILT_IN))
        .isEqualTo("57130c66434fc9cec6b8261c89fb0997489cbd0d4a759c50df11dd7bdb498225");
  }

  @Test
  void diffIsEmptyExactlyWhenTheHashesAreEqual() {
    List<HarnessConfig> configs =
        List.of(
            parse(YAML),
            parse(YAML.replace("pass: true", "pass: false")),
            parse(YAML.replace("/tmp/x", "/tmp/y")),
            parse(YAML.replace("scratch", "copy")),
            parse(YAML.replace("threshold: 0.25", "threshold: 1")),
            parse(YAML.replace("threshold: 0.25", "threshold: 1.0")),
            parse(YAML.replace("threshold: 0.25", "threshold: 0.0")),
            parse(YAML.replace("threshold: 0.25", "threshold: -0.0")),
            parse("processors:\n  - type: watcher\n"),
            HarnessConfig.of());
    for (HarnessConfig before : configs) {
      for (HarnessConfig after : configs) {
        assertThat(HarnessConfig.changes(before, after, REGISTRY).isEmpty())
            .isEqualTo(before.hash(REGISTRY).equals(after.hash(REGISTRY)));
      }
    }
  }

  @Test
  void whatServicesDoIsHashedAndWhatOnlyLooksOnIsNot() {
    HarnessConfig config = HarnessConfig.of(ProcessorSpec.of("loop_guard"));
    String bare = Harness.compile(config, BUILT_IN).hash();
    assertThat(bare).isEqualTo(config.hash(BUILT_IN));
    assertThat(
            hash(
                Services.NONE
                    .with(InstantSource.class, InstantSource.system())
                    .with(EventSink.class, () -> _ -> {})))
        .isEqualTo(bare);

    List<String> hashes =
        List.of(
            bare,
            hash(tool("Says it.", "1")),
            hash(tool("Says it again.", "1")),
            hash(tool("Says it.", "2")),
            hash(skill("first this")),
            hash(skill("first that")),
            hash(Services.NONE.with(CompletionCheck.class, (_, _) -> Optional.empty(), "a")),
            hash(Services.NONE.with(CompletionCheck.class, (_, _) -> Optional.empty(), "b")));
    assertThat(hashes).doesNotHaveDuplicates();
    assertThat(hash(tool("Says it.", "1"))).isEqualTo(hashes.get(1));
    assertThat(config.hash(ProcessorRegistry.builtIn().boundTo(tool("Says it.", "1"))))
        .isEqualTo(hashes.get(1));
  }

  private static String hash(Services services) {
    return Harness.compile(
            HarnessConfig.of(ProcessorSpec.of("loop_guard")), ProcessorRegistry.builtIn(), services)
        .hash();
  }

  private static Services tool(String description, String version) {
    return Services.NONE.with(
        ToolRegistry.class,
        new ToolRegistry(
            List.of(new Tool(new ToolSpec("echo", description, "{}"), version, ToolOutput::of))));
  }

  private static Services skill(String text) {
    return Services.NONE.with(
        SkillLibrary.class, new SkillLibrary(List.of(new SkillLibrary.Skill("a", "A", text))));
  }

  @Test
  void aServiceThatBearsOnBehaviourNeedsAnIdentity() {
    assertThatThrownBy(
            () -> hash(Services.NONE.with(CompletionCheck.class, (_, _) -> Optional.empty())))
        .isInstanceOf(HarnessException.class)
        .hasMessageContaining("the service CompletionCheck bears on what the agent does");
  }

  @Test
  void theLibraryThatATypeComesFromIsHashed() {
    HarnessConfig config = script("one", "");
    ProcessorRegistry first = ProcessorRegistry.builtIn().with(SCRIPT.from("aa"));
    ProcessorRegistry second = ProcessorRegistry.builtIn().with(SCRIPT.from("bb"));
    assertThat(List.of(config.hash(REGISTRY), config.hash(first), config.hash(second)))
        .doesNotHaveDuplicates();
    assertThat(config.canonicalJson(first)).contains("\"origin\":\"aa\"");
    assertThat(config.canonicalJson(REGISTRY)).doesNotContain("origin");
  }

  @Test
  void chainsThatContradictEachOtherAreToldApart() {
    // At step_end b waits for c and c for a; at step_start, where c is not, the list decides.
    ProcessorRegistry registry =
        new ProcessorRegistry(
            List.of(
                TestTypes.type(
                    "a", 0, List.of(), () -> _ -> Outcome.PASS, Hook.STEP_START, Hook.STEP_END),
                TestTypes.type(
                    "b", 0, List.of("c"), () -> _ -> Outcome.PASS, Hook.STEP_START, Hook.STEP_END),
                TestTypes.type("c", 0, List.of("a"), () -> _ -> Outcome.PASS, Hook.STEP_END)));
    HarnessConfig agreeing =
        HarnessConfig.of(ProcessorSpec.of("a"), ProcessorSpec.of("b"), ProcessorSpec.of("c"));
    HarnessConfig contradictory =
        HarnessConfig.of(ProcessorSpec.of("b"), ProcessorSpec.of("a"), ProcessorSpec.of("c"));
    HarnessConfig same =
        HarnessConfig.of(ProcessorSpec.of("c"), ProcessorSpec.of("b"), ProcessorSpec.of("a"));
    assertThat(contradictory.hash(registry)).isNotEqualTo(agreeing.hash(registry));
    assertThat(HarnessConfig.diff(agreeing, contradictory, registry)).isNotEmpty();
    assertThat(same.hash(registry)).isEqualTo(contradictory.hash(registry));
    assertThat(HarnessConfig.diff(same, contradictory, registry)).isEmpty();
  }

  @Test
  void changedCodeShowsAsAUnifiedDiff() {
    assertThat(
            HarnessConfig.diff(
                script("one\ntwo\nthree\n", ""), script("one\n2\nthree\n", ""), REGISTRY))
        .containsExactly(
            """
            stop: source:
            --- before
            +++ after
            @@ -1,4 +1,4 @@
             one
            -two
            +2
             three
             \
            """);
  }

  @Test
  void slotsAndMovesShowInTheDiff() {
    HarnessConfig before =
        HarnessConfig.of(
            ProcessorSpec.of("system_prompt"),
            ProcessorSpec.of("history_window"),
            ProcessorSpec.of("compaction"));
    HarnessConfig after =
        before
            .apply(new HarnessEdit.Move("compaction", 0), BUILT_IN)
            .withSlots(Slots.DEFAULT.withTools(List.of("act")));

    assertThat(HarnessConfig.diff(before, after, BUILT_IN))
        .containsExactly(
            "moved compaction from position 3 to 1", "slot tools from [\"*\"] to [\"act\"]");
  }

  @Test
  void refinedTypesAreNamedByTheirParameters() {
    HarnessConfig two =
        new HarnessConfig(
            List.of(
                ProcessorSpec.of("script", Map.of("name", "one")),
                ProcessorSpec.of("script", Map.of("name", "two"))));

    assertThat(two.problems(REGISTRY)).isEmpty();
    assertThat(two.apply(new HarnessEdit.Configure("two", "threshold", 1), REGISTRY).processors())
        .containsExactly(
            ProcessorSpec.of("script", Map.of("name", "one")),
            ProcessorSpec.of("script", Map.of("name", "two", "threshold", 1)));
    assertThat(HarnessConfig.of(ProcessorSpec.of("script")).problems(REGISTRY))
        .containsExactly("a script needs a name");
    assertThat(
            HarnessConfig.of(
                    ProcessorSpec.of("script", Map.of("name", "one")),
                    ProcessorSpec.of("script", Map.of("name", "one", "threshold", 1)))
                .problems(REGISTRY))
        .singleElement()
        .asString()
        .contains("singleton group 'script one'");
  }

  @Test
  void wrongSlotsAndContractsFailWithLineAndSuggestion() {
    String text =
        """
        contract: 2
        slots:
          tols: ["a"]
          workspace: clean
          tools: [1]
        processors:
          - type: script
            name: x
            hooks: step_end
        """;

    assertThat(catchThrowableOfType(HarnessException.class, () -> parse(text)).problems())
        .containsExactlyInAnyOrder(
            "h.yaml:1: the harness is written for contract 2 and this build keeps contract 1: use"
                + " the build it was written for",
            "h.yaml:3: unknown slot 'tols': did you mean 'tools'?",
            "h.yaml:4: workspace must be one of [none, scratch, copy, shared], was 'clean'",
            "h.yaml:5: 'tools' must be a list of texts: put quotes round each",
            "h.yaml:9: 'script': hooks must be a list of texts, was 'step_end'");
  }

  @Test
  void insideOtherJsonOnlyWhatDiffersFromTheDefaultsIsWritten() throws JsonProcessingException {
    JsonMapper json = new JsonMapper();
    HarnessConfig plain = HarnessConfig.of(ProcessorSpec.of("loop_guard", Map.of("repeats", 2)));
    String text = "{\"processors\":[{\"type\":\"loop_guard\",\"parameters\":{\"repeats\":2}}]}";

    assertThat(json.writeValueAsString(plain)).isEqualTo(text);
    assertThat(json.readValue(text, HarnessConfig.class)).isEqualTo(plain);
    HarnessConfig everything = parse(YAML);
    assertThat(json.readValue(json.writeValueAsString(everything), HarnessConfig.class))
        .isEqualTo(everything);
  }
}
