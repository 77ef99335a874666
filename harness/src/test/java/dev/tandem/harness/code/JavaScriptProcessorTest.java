package dev.tandem.harness.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.Harness;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.event.Budget;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Facts;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.EpisodeRunner;
import dev.tandem.harness.run.Trigger;
import dev.tandem.harness.spi.Services;
import dev.tandem.harness.spi.World;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.ProcessorSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Code as a part of a harness: what it sees, what it may do, and what becomes of its failures. */
final class JavaScriptProcessorTest {
  private static final ProcessorRegistry REGISTRY = ProcessorRegistry.builtIn();

  private static final CodeWorkers WORKERS =
      CodeWorkers.start(
          new CodeLimits(2, Duration.ofSeconds(5), 128, 3072, Duration.ofMinutes(5), 1 << 20));
  private static final Services SERVICES = Services.NONE.with(CodeWorkers.class, WORKERS);

  private final Street street = new Street();
  private final List<Model.Request> requests = new ArrayList<>();

  @AfterAll
  static void end() {
    WORKERS.close();
  }

  /** A street of numbered doors; the task is over at door 3. */
  private static final class Street implements World {
    final List<String> commands = new ArrayList<>();

    @Override
    public Observation reset() {
      return observation("you are outside .");
    }

    @Override
    public Observation act(String command) {
      commands.add(command);
      return observation("you " + command + " .");
    }

    private static Observation observation(String feedback) {
      return new Observation(
          "open door 3",
          feedback,
          new Facts(Map.of("places", List.of("door 1", "door 2", "door 3"))),
          true,
          Optional.of(List.of("open door 1", "open door 2", "open door 3")));
    }

    @Override
    public boolean isFinished() {
      return commands.contains("open door 3");
    }

    @Override
    public Optional<String> stateHash() {
      return Optional.of(commands.toString());
    }
  }

  private Episode play(ProcessorSpec processor, String... script) {
    return play(Harness.compile(HarnessConfig.of(processor), registry(), SERVICES), script);
  }

  private Episode play(Harness harness, String... script) {
    Model model =
        request -> {
          requests.add(request);
          return new Model.Completion(
              script[Math.min(requests.size(), script.length) - 1], TokenTrace.NONE);
        };
    return EpisodeRunner.run(harness, street, model, new Budget(4, 2, 1000), 7);
  }

  private static ProcessorRegistry registry() {
    return ProcessorRegistry.builtIn();
  }

  private static ProcessorSpec code(String hook, String code) {
    return ProcessorSpec.of(
        "javascript", Map.of("name", "mine", "hooks", List.of(hook), "code", code));
  }

  private String lastPrompt() {
    return requests.getLast().messages().getLast().content();
  }

  @Test
  void codeChangesWhatTheModelSeesAndRemembersWithinAnEpisode() {
    ProcessorSpec counter =
        code(
            "before_model",
            """
            state.seen = (state.seen || 0) + 1;
            return {outcome: 'transform',
                content: event.messages.at(-1).content + ' ' + event.observation.goal + ' ' + state.seen};
            """);
    Episode episode = play(counter, "open door 1", "open door 3");
    assertThat(requests.stream().map(request -> request.messages().getLast().content()))
        .containsExactly("you are outside . open door 3 1", "you open door 1 . open door 3 2");
    assertThat(episode.triggers()).contains(new Trigger(1, Hook.BEFORE_MODEL, "mine", "content"));
    assertThat(episode.exitReason()).isEqualTo(ExitReason.FINISHED);

    street.commands.clear();
    play(counter, "open door 3");
    assertThat(lastPrompt()).endsWith(" 1");
  }

  @Test
  void codeBlocksAnAction() {
    play(
        code(
            "before_tool",
            "if (event.input === 'open door 1') return {outcome: 'intercept', note: 'not that one"
                + " .'};"),
        "open door 1",
        "open door 3");
    assertThat(street.commands).containsExactly("open door 3");
    assertThat(lastPrompt()).isEqualTo("not that one .");
  }

  @Test
  void codeSplitsAnAction() {
    play(
        code(
            "before_tool",
            "return {outcome: 'split', parts: [{input: 'open door 1'}, {input: 'open door 3'}]};"),
        "go");
    assertThat(street.commands).containsExactly("open door 1", "open door 3");
  }

  @Test
  void codeEndsTheEpisode() {
    Episode episode =
        play(
            code(
                "step_end",
                "if (event.step === 1) return {outcome: 'interrupt', detail: 'enough'};"),
            "open door 1");
    assertThat(episode.exitReason()).isEqualTo(ExitReason.INTERRUPTED);
    assertThat(episode.detail()).isEqualTo("enough");
    assertThat(street.commands).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          before_model | return {outcome: 'transform', observation: {}}              | observation
          before_model | return {outcome: 'transform', step: 9}                      | step
          after_tool   | return {outcome: 'transform', executed: false}              | executed
          before_tool  | return {outcome: 'transform', tool: 'x'}                    | tool
          task_end     | return {outcome: 'transform', exitReason: 'finished'}       | exitReason
          before_model | return {outcome: 'transform', messages: []}                 | messages
          step_start   | return {outcome: 'intercept', note: 'x'}                    | intercept
          step_end     | return {outcome: 'interrupt', reason: 'finished'}           | interrupt
          after_model  | return {outcome: 'split', parts: [{content: 'a'}, {content: 'b'}]} | split
          step_start   | return {outcome: 'transform', history: [{role: 'system', content: 'x'}]} | history
          """)
  void whatNoProcessorMayDoNoCodeMay(String hook, String code, String field) {
    Episode episode = play(code(hook, code), "open door 1");
    assertThat(episode.exitReason()).isEqualTo(ExitReason.CONTRACT_BREACH);
    assertThat(episode.detail()).contains("'mine'").contains(hook).contains(": " + field + " ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "for (;;) {}",
        "throw new Error('no')",
        "return 7",
        "return {outcome: 'dance'}",
        "return {outcome: 'transform', contents: 'x'}",
        "return {outcome: 'transform', content: 7}",
        "return (",
      })
  void codeThatFailsIsPassedOverAndTheEpisodeGoesOn(String code) {
    Episode episode = play(code("before_model", code), "open door 1", "open door 3");
    assertThat(episode.exitReason()).isEqualTo(ExitReason.FINISHED);
    assertThat(lastPrompt()).isEqualTo("you open door 1 .");
    assertThat(episode.triggers())
        .hasSize(2)
        .allSatisfy(
            trigger -> {
              assertThat(trigger.processor()).isEqualTo("mine");
              assertThat(trigger.field()).startsWith("failure: ");
            });
  }

  @Test
  void codeThatFailsEndsTheEpisodeWhereThatIsItsPolicy() {
    Episode episode = play(code("before_model", "for (;;) {}").with("fail", "fail"), "open door 1");
    assertThat(episode.exitReason()).isEqualTo(ExitReason.CODE_FAILURE);
    assertThat(episode.exitReason().isInfrastructure()).isFalse();
    assertThat(episode.detail())
        .contains("'mine'", "before_model", "it ran more than 100000 statements");
    assertThat(street.commands).isEmpty();
  }

  @Test
  void aWorkerThatIsLostEndsTheEpisodeWhateverThePolicyAndCountsAgainstNobody() {
    Episode episode =
        play(code("before_model", "return (7n ** 50000000n).toString()"), "open door 1");
    assertThat(episode.exitReason()).isEqualTo(ExitReason.PROCESSOR_FAILURE);
    assertThat(episode.exitReason().isInfrastructure()).isTrue();
    assertThat(episode.detail()).contains("'mine'", "a call of code took");
    assertThat(street.commands).isEmpty();
  }

  @Test
  void stateIsAsItWasBeforeAFailure() {
    play(
        code(
            "before_model",
            """
            state.calls = (state.calls || 0) + 1;
            if (event.step === 1) throw new Error('once');
            return {outcome: 'transform', content: 'call ' + state.calls};
            """),
        "open door 1",
        "open door 1",
        "open door 3");
    assertThat(requests.stream().map(request -> request.messages().getLast().content()))
        .containsExactly("call 1", "you open door 1 .", "call 2");
  }

  @Test
  void textAndParametersAreHashedAndDescriptionsAreNot() {
    HarnessConfig config = HarnessConfig.of(code("before_model", "return;"));
    assertThat(HarnessConfig.of(code("before_model", "return ;")).hash(REGISTRY))
        .isNotEqualTo(config.hash(REGISTRY));
    assertThat(HarnessConfig.of(code("step_end", "return;")).hash(REGISTRY))
        .isNotEqualTo(config.hash(REGISTRY));
    assertThat(
            HarnessConfig.of(code("before_model", "return;").with("summary", "Does nothing."))
                .hash(REGISTRY))
        .isEqualTo(config.hash(REGISTRY));
    HarnessConfig read = HarnessConfig.parse(config.toYaml(), "harness.yaml", REGISTRY);
    assertThat(read).isEqualTo(config);
  }

  @Test
  void aTextBlockIsReadFromYaml() {
    HarnessConfig config =
        HarnessConfig.parse(
            """
            processors:
              - type: javascript
                name: polite
                hooks: [before_model]
                addresses: [unparseable_response]
                code: |
                  const said = event.messages.at(-1).content;
                  return {outcome: 'transform', content: said + ' please .'};
            """,
            "harness.yaml",
            REGISTRY);
    play(Harness.compile(config, registry(), SERVICES), "open door 3");
    assertThat(lastPrompt()).isEqualTo("you are outside . please .");
    assertThat(registry().resolve(config.processors().getFirst()).addresses()).hasSize(1);
  }

  @Test
  void everythingWrongWithItsMetadataIsToldAtOnce() {
    ProcessorSpec wrong =
        ProcessorSpec.of(
            "javascript", Map.of("name", "My Code", "hooks", List.of("at_noon"), "code", " "));
    assertThatThrownBy(() -> Harness.compile(HarnessConfig.of(wrong), REGISTRY))
        .isInstanceOfSatisfying(
            HarnessException.class,
            e ->
                assertThat(e.problems())
                    .hasSize(3)
                    .anySatisfy(problem -> assertThat(problem).contains("'My Code'"))
                    .anySatisfy(problem -> assertThat(problem).contains("no code"))
                    .anySatisfy(problem -> assertThat(problem).contains("'at_noon'")));
  }

  @Test
  void twoPiecesOfCodeActInTheirOrder() {
    HarnessConfig config =
        HarnessConfig.of(
            code("before_model", add("late")).with("name", "late").with("order", 10),
            code("before_model", add("early")).with("name", "early").with("order", -10));
    play(Harness.compile(config, registry(), SERVICES), "open door 3");
    assertThat(lastPrompt()).isEqualTo("you are outside . early late");
  }

  private static String add(String word) {
    return "return {outcome: 'transform', content: event.messages.at(-1).content + ' %s'};"
        .formatted(word);
  }
}
