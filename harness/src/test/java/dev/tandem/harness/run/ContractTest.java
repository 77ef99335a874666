package dev.tandem.harness.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.tandem.harness.Harness;
import dev.tandem.harness.TestTypes;
import dev.tandem.harness.TinyHouse;
import dev.tandem.harness.event.ContractBreachException;
import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ContractTest {
  private static final Observation SEEN = new TinyHouse().reset();
  private static final Observation FORGED = new TinyHouse().act("go to shelf 1");
  private static final List<Message> MESSAGES =
      List.of(Message.system("s"), Message.user("u"), Message.assistant("a"), Message.user("last"));
  private static final Event.TaskStart TASK_START = new Event.TaskStart(SEEN, "");
  private static final Event.StepStart STEP_START =
      new Event.StepStart(3, SEEN, List.of(Message.user("u"), Message.assistant("a")));
  private static final Event.BeforeModel BEFORE_MODEL =
      new Event.BeforeModel(3, 7, SEEN, MESSAGES, List.of("x", "y"));
  private static final Event.ModelResponse RESPONSE = new Event.ModelResponse(3, SEEN, "x");
  private static final Event.ToolCall CALL = new Event.ToolCall(3, SEEN, "act", "x", true);
  private static final Event.ToolResult RESULT = new Event.ToolResult(3, CALL, true, SEEN, "text");
  private static final Event.StepEnd STEP_END = new Event.StepEnd(3, SEEN);
  private static final Event.TaskEnd TASK_END = new Event.TaskEnd(3, SEEN, ExitReason.FINISHED);

  static Stream<Arguments> forbiddenChanges() {
    return Stream.of(
        arguments(TASK_START, new Event.TaskStart(FORGED, ""), "observation"),
        arguments(TASK_START, STEP_START, "step"),
        arguments(STEP_START, new Event.StepStart(4, SEEN, List.of()), "step"),
        arguments(STEP_START, new Event.StepStart(3, FORGED, List.of()), "observation"),
        arguments(
            STEP_START, new Event.StepStart(3, SEEN, List.of(Message.system("s"))), "history"),
        arguments(BEFORE_MODEL, beforeModel(4, 7, SEEN, MESSAGES, List.of("x")), "step"),
        arguments(BEFORE_MODEL, beforeModel(3, 8, SEEN, MESSAGES, List.of("x")), "remaining"),
        arguments(BEFORE_MODEL, beforeModel(3, 7, FORGED, MESSAGES, List.of("x")), "observation"),
        arguments(BEFORE_MODEL, messages(0, Message.system("forged")), "messages"),
        arguments(BEFORE_MODEL, messages(2, Message.assistant("forged")), "messages"),
        arguments(BEFORE_MODEL, messages(3, Message.assistant("last")), "messages"),
        arguments(BEFORE_MODEL, messages(4, Message.assistant("more")), "messages"),
        arguments(
            BEFORE_MODEL,
            beforeModel(3, 7, SEEN, MESSAGES.subList(0, 3), List.of("x")),
            "messages"),
        arguments(BEFORE_MODEL, choices("x", "z"), "choices"),
        arguments(BEFORE_MODEL, choices(), "choices"),
        arguments(BEFORE_MODEL, new Event.ModelResponse(3, SEEN, "x"), "event"),
        arguments(RESPONSE, new Event.ModelResponse(2, SEEN, "x"), "step"),
        arguments(RESPONSE, new Event.ModelResponse(3, FORGED, "x"), "observation"),
        arguments(CALL, new Event.ToolCall(2, SEEN, "act", "x", true), "step"),
        arguments(CALL, new Event.ToolCall(3, FORGED, "act", "x", true), "observation"),
        arguments(CALL, new Event.ToolCall(3, SEEN, "win", "x", true), "tool"),
        arguments(RESULT, new Event.ToolResult(2, CALL, true, SEEN, "text"), "step"),
        arguments(RESULT, new Event.ToolResult(3, CALL, false, SEEN, "text"), "executed"),
        arguments(RESULT, new Event.ToolResult(3, CALL, true, FORGED, "text"), "observation"),
        arguments(
            RESULT,
            new Event.ToolResult(
                3, new Event.ToolCall(3, SEEN, "act", "y", true), true, SEEN, "text"),
            "call"),
        arguments(STEP_END, new Event.StepEnd(2, SEEN), "step"),
        arguments(STEP_END, new Event.StepEnd(3, FORGED), "observation"),
        arguments(TASK_END, new Event.TaskEnd(2, SEEN, ExitReason.FINISHED), "step"),
        arguments(TASK_END, new Event.TaskEnd(3, FORGED, ExitReason.FINISHED), "observation"),
        arguments(TASK_END, new Event.TaskEnd(3, SEEN, ExitReason.MODEL_FAILURE), "exitReason"));
  }

  @ParameterizedTest
  @MethodSource("forbiddenChanges")
  void forbiddenChangeRaisesWithProcessorHookFieldAndStep(Event before, Event after, String field) {
    assertBreach(before, new Outcome.Transform(after), field);
  }

  static Stream<Arguments> forbiddenOutcomes() {
    return Stream.of(
            Stream.of(TASK_START, STEP_START, BEFORE_MODEL, RESPONSE, RESULT, STEP_END, TASK_END)
                .map(event -> arguments(event, new Outcome.Split(List.of(event, event)), "split")),
            Stream.of(TASK_START, STEP_START, BEFORE_MODEL, RESULT, STEP_END, TASK_END)
                .map(event -> arguments(event, new Outcome.Intercept("no"), "intercept")),
            Stream.of(
                    ExitReason.FINISHED,
                    ExitReason.MODEL_FAILURE,
                    ExitReason.ENVIRONMENT_FAILURE,
                    ExitReason.CONTRACT_BREACH)
                .map(reason -> arguments(STEP_END, new Outcome.Interrupt(reason, ""), "interrupt")),
            Stream.of(
                arguments(TASK_END, new Outcome.Interrupt(ExitReason.INTERRUPTED, ""), "interrupt"),
                arguments(
                    CALL,
                    new Outcome.Split(List.of(CALL, new Event.ToolCall(3, SEEN, "win", "x", true))),
                    "tool")))
        .flatMap(outcomes -> outcomes);
  }

  @ParameterizedTest
  @MethodSource("forbiddenOutcomes")
  void forbiddenOutcomeRaisesWithProcessorHookFieldAndStep(
      Event event, Outcome outcome, String field) {
    assertBreach(event, outcome, field);
  }

  @Test
  void chainMayAppendOneUserMessageAndNoMore() {
    Processor appends =
        event -> {
          Event.BeforeModel before = (Event.BeforeModel) event;
          List<Message> more = new ArrayList<>(before.messages());
          more.add(Message.user("more"));
          return new Outcome.Transform(
              beforeModel(before.step(), 7, before.observation(), more, before.choices()));
        };
    ProcessorType first = TestTypes.type("first", appends, Hook.BEFORE_MODEL);
    ProcessorType second = TestTypes.type("second", appends, Hook.BEFORE_MODEL);

    HookChains one = begin(TestTypes.harness(first));
    assertThat(one.pass(BEFORE_MODEL, Event.BeforeModel.class).messages())
        .hasSize(5)
        .endsWith(Message.user("more"));

    HookChains two = begin(TestTypes.harness(first, second));
    ContractBreachException breach =
        catchThrowableOfType(
            ContractBreachException.class, () -> two.pass(BEFORE_MODEL, Event.BeforeModel.class));
    assertThat(breach.processor()).isEqualTo("second");
    assertThat(breach.field()).isEqualTo("messages");
  }

  static Stream<Arguments> permittedChanges() {
    return Stream.of(
        arguments(TASK_START, new Event.TaskStart(SEEN, "goal"), List.of("systemPrompt")),
        arguments(STEP_START, new Event.StepStart(3, SEEN, List.of()), List.of("history")),
        arguments(BEFORE_MODEL, BEFORE_MODEL.withLastContent("new"), List.of("content")),
        arguments(BEFORE_MODEL, choices("y"), List.of("choices")),
        arguments(RESPONSE, new Event.ModelResponse(3, SEEN, "y"), List.of("content")),
        arguments(
            CALL, new Event.ToolCall(3, SEEN, "act", "y", false), List.of("input", "approved")),
        arguments(RESULT, new Event.ToolResult(3, CALL, true, SEEN, "new"), List.of("text")),
        arguments(STEP_END, new Event.StepEnd(3, SEEN), List.of()));
  }

  @ParameterizedTest
  @MethodSource("permittedChanges")
  void permittedChangeGoesThroughAndIsRecorded(Event before, Event after, List<String> fields) {
    HookChains chains = chains(before.hook(), new Outcome.Transform(after));

    assertThat(chains.pass(before, Event.class)).isEqualTo(after);
    assertThat(chains.triggers())
        .containsExactlyElementsOf(
            fields.stream()
                .map(field -> new Trigger(before.step(), before.hook(), "culprit", field))
                .toList());
  }

  private static void assertBreach(Event event, Outcome outcome, String field) {
    HookChains chains = chains(event.hook(), outcome);
    ContractBreachException breach =
        catchThrowableOfType(
            ContractBreachException.class, () -> chains.sendAll(event, Event.class));

    assertThat(breach.processor()).isEqualTo("culprit");
    assertThat(breach.hook()).isEqualTo(event.hook());
    assertThat(breach.field()).isEqualTo(field);
    assertThat(breach.step()).isEqualTo(event.step());
    assertThat(breach)
        .hasMessageContainingAll("culprit", event.hook().id(), field, "step " + event.step());
  }

  private static HookChains begin(Harness harness) {
    return HookChains.begin(harness, harness.services());
  }

  private static HookChains chains(Hook hook, Outcome outcome) {
    return begin(TestTypes.harness(TestTypes.type("culprit", _ -> outcome, hook)));
  }

  private static Event.BeforeModel beforeModel(
      int step, int left, Observation seen, List<Message> messages, List<String> choices) {
    return new Event.BeforeModel(step, left, seen, messages, choices);
  }

  private static Event.BeforeModel choices(String... choices) {
    return beforeModel(3, 7, SEEN, MESSAGES, List.of(choices));
  }

  /** The messages with one set, or added at the end. */
  private static Event.BeforeModel messages(int index, Message message) {
    List<Message> messages = new ArrayList<>(MESSAGES);
    if (index == messages.size()) {
      messages.add(message);
    } else {
      messages.set(index, message);
    }
    return beforeModel(3, 7, SEEN, messages, List.of("x", "y"));
  }
}
