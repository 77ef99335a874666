package dev.tandem.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.event.Budget;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.processor.memory.EpisodeMemory;
import dev.tandem.harness.processor.memory.EpisodeMemory.Lesson;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.EpisodeRunner;
import dev.tandem.harness.run.Segment;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.spi.Services;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Model selection, context assembly and memory: what the model sees, and which one it is. */
final class ContextProcessorsTest {
  private static final ProcessorRegistry REGISTRY = ProcessorRegistry.builtIn();

  private static ScriptedModel play(
      Services services, List<ProcessorSpec> processors, String... script) {
    ScriptedModel model = new ScriptedModel(script);
    EpisodeRunner.run(
        Harness.compile(new HarnessConfig(processors), ProcessorRegistry.builtIn(), services),
        new TinyHouse(),
        model,
        new Budget(script.length, 1, 1_000_000),
        1);
    return model;
  }

  private static ScriptedModel play(List<ProcessorSpec> processors, String... script) {
    return play(Services.NONE, processors, script);
  }

  private static String systemPrompt(ScriptedModel model) {
    Message first = model.requests.getFirst().messages().getFirst();
    assertThat(first.role()).isEqualTo(Message.Role.SYSTEM);
    return first.content();
  }

  @Test
  void environmentAndHintsFollowTheSystemPrompt() {
    ScriptedModel model =
        play(
            List.of(
                ProcessorSpec.of(
                    "hint_block", Map.of("hints", List.of("look first .", "b", "c"), "limit", 2)),
                ProcessorSpec.of("environment_context"),
                ProcessorSpec.of("system_prompt")),
            "x");
    assertThat(systemPrompt(model))
        .isEqualTo(
            "goal : take two mug . commands : go to shelf 1 | go to table 1 | go to cabinet 1 ."
                + " hints : look first . b");
  }

  @Test
  void wrapperFramesTheNotesOfOthersToo() {
    ScriptedModel model =
        play(
            List.of(
                ProcessorSpec.of("user_wrapper", Map.of("before", "<", "after", ">")),
                ProcessorSpec.of("step_budget_notice")),
            "x");
    assertThat(model.prompts()).containsExactly("< you wake up . steps left : 1 . >");
  }

  @Test
  void aHardTaskIsRoutedToAnotherVersionBeforeItsFirstStep() {
    Harness hard =
        Harness.compile(
            HarnessConfig.of(ProcessorSpec.of("system_prompt", Map.of("template", "hard"))),
            REGISTRY);
    Services versions =
        Services.NONE.with(
            HarnessVersions.class,
            name -> name.equals("hard") ? Optional.of(hard) : Optional.empty(),
            hard.hash());
    ProcessorSpec router =
        ProcessorSpec.of("difficulty_router", Map.of("version", "hard", "words_above", 3));

    assertThat(systemPrompt(play(versions, List.of(router), "x"))).isEqualTo("hard");
    assertThat(
            play(versions, List.of(router.with("words_above", 4)), "x")
                .requests
                .getFirst()
                .messages())
        .containsExactly(Message.user("you wake up ."));
  }

  @Test
  void compactionSumsUpWhatItTakesAwayAndEndsASegment() {
    ScriptedModel model =
        new ScriptedModel("go to shelf 1", "take mug 1 from shelf 1", "go to table 1", "jump", "x");
    Episode episode =
        EpisodeRunner.run(
            Harness.compile(
                HarnessConfig.of(
                    ProcessorSpec.of("compaction", Map.of("above", 2, "keep", 1, "words", 4))),
                REGISTRY),
            new TinyHouse(),
            model,
            new Budget(5, 1, 1_000_000),
            1);
    assertThat(model.requests.get(3).messages())
        .containsExactly(
            Message.user(
                """
                earlier :
                go to shelf 1 -> you go to shelf ...
                take mug 1 from ... -> you take mug 1 ...\
                """),
            Message.user("you take mug 1 from shelf 1 ."),
            Message.assistant("go to table 1"),
            Message.user("you go to table 1 ."));
    assertThat(episode.segments())
        .startsWith(new Segment(0, 3, ""))
        .element(1)
        .extracting(Segment::cause)
        .isEqualTo("compaction");
  }

  @ParameterizedTest
  @ValueSource(strings = {"compaction", "history_window"})
  void whereverTheHistoryIsCutNoToolResultIsOrphaned(String type) {
    for (int kept = type.equals("compaction") ? 1 : 0; kept <= 5; kept++) {
      ProcessorSpec processor =
          type.equals("compaction")
              ? ProcessorSpec.of(type, Map.of("above", 2, "keep", kept))
              : ProcessorSpec.of(type, Map.of("turns", kept));
      ScriptedToolUser model =
          new ScriptedToolUser(
              "done",
              IntStream.range(0, 9)
                  .mapToObj(i -> CounterWorld.add("id" + i, 1))
                  .toArray(ToolUse[]::new));
      EpisodeRunner.run(
          Harness.compile(HarnessConfig.of(processor), REGISTRY),
          new CounterWorld(),
          model,
          new Budget(20, 1, 1_000_000),
          1);
      assertThat(model.requests).hasSize(10);
      for (Model.Request request : model.requests) {
        assertThat(orphans(request.messages())).as("keeping %d", kept).isEmpty();
      }
      assertThat(model.requests.getLast().messages()).hasSizeLessThan(2 + 2 * 9);
    }
  }

  /** Ids of results without a call before them, and of calls without a result behind them. */
  private static List<String> orphans(List<Message> messages) {
    Set<String> open = new HashSet<>();
    List<String> orphans = new ArrayList<>();
    for (Message message : messages) {
      message.toolUses().forEach(use -> open.add(use.id()));
      if (message.role() == Message.Role.TOOL && !open.remove(message.toolUseId())) {
        orphans.add(message.toolUseId());
      }
    }
    orphans.addAll(open);
    return orphans;
  }

  @Test
  void memoryRecallsTheClosestGoalsNewestFirstAndLearnsOnlyFromFinishedEpisodes() {
    List<Lesson> learned = new ArrayList<>();
    EpisodeMemory memory =
        new EpisodeMemory(
            List.of(
                new Lesson("take two mug", "old"),
                new Lesson("wash floor", "unrelated"),
                new Lesson("take mug", "less alike"),
                new Lesson("take two mug", "new")),
            learned::add);
    Services services = Services.NONE.with(EpisodeMemory.class, memory);
    List<ProcessorSpec> recall = List.of(ProcessorSpec.of("retrieval_memory"));

    assertThat(systemPrompt(play(services, recall, "jump")))
        .isEqualTo("this worked before . to take two mug : new . to take two mug : old .");
    assertThat(learned).isEmpty();

    play(
        services,
        recall,
        "go to shelf 1",
        "jump",
        "take mug 1 from shelf 1",
        "go to cabinet 1",
        "open cabinet 1",
        "take mug 2 from cabinet 1");
    assertThat(learned)
        .containsExactly(
            new Lesson(
                "take two mug",
                "go to shelf 1 , take mug 1 from shelf 1 , go to cabinet 1 , open cabinet 1 , take"
                    + " mug 2 from cabinet 1"));
  }

  @Test
  void memoryThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> play(List.of(ProcessorSpec.of("retrieval_memory")), "x"))
        .isInstanceOf(HarnessException.class)
        .hasMessageContaining("EpisodeMemory");
  }

  @Test
  void everyTypeThatIsNotForTheDefaultSearchSaysWhy() {
    Set<String> searched =
        new HashSet<>(
            ProcessorRegistry.builtIn().searchable().stream().map(ProcessorType::id).toList());
    assertThat(searched)
        .isEqualTo(
            new HashSet<>(
                Arrays.asList(
                    "system_prompt history_window admissible_commands step_budget_notice parse_retry loop_guard"
                        .split(" ", -1))));
    assertThat(ProcessorRegistry.builtIn().searchable(Set.of(Requirement.TOOLS)))
        .extracting(ProcessorType::id)
        .containsAll(searched)
        .contains("schema_adapter", "tool_failure_guard")
        .doesNotContain("tool_filter", "model_judge", "javascript");
  }
}
