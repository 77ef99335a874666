package dev.tandem.harness.run;

import static dev.tandem.harness.TestTypes.BUDGET;
import static dev.tandem.harness.TestTypes.harness;
import static dev.tandem.harness.TestTypes.type;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.CounterWorld;
import dev.tandem.harness.Harness;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Services;
import dev.tandem.harness.tool.Tool;
import dev.tandem.harness.tool.ToolOutput;
import dev.tandem.harness.tool.ToolRegistry;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.Slots;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ToolUseTest {
  private static final ToolSpec ECHO =
      new ToolSpec("echo", "Says it again.", "{\"type\": \"object\"}");

  private final CounterWorld world = new CounterWorld();
  private final List<Model.Request> requests = new ArrayList<>();

  /** Uses these tools, one response each, and then gives an answer. */
  private Model model(ToolUse[]... responses) {
    return request -> {
      requests.add(request);
      int call = requests.size() - 1;
      List<ToolUse> uses = call < responses.length ? Arrays.asList(responses[call]) : List.of();
      return new Model.Completion(
          uses.isEmpty() ? "done" : "",
          uses,
          TokenTrace.NONE,
          new Model.Usage(10, 5, 0.01),
          Model.Finish.STOP);
    };
  }

  private static ToolUse[] uses(ToolUse... uses) {
    return uses;
  }

  private static Harness with(Slots slots, Tool... tools) {
    return Harness.compile(
        HarnessConfig.of().withSlots(slots),
        ProcessorRegistry.builtIn(),
        Services.NONE.with(ToolRegistry.class, new ToolRegistry(Arrays.asList(tools))));
  }

  private Episode run(Harness harness, Model model) {
    return EpisodeRunner.run(harness, world, model, BUDGET, 1);
  }

  @Test
  void toolsOfTheEnvironmentAndOfTheHarnessWorkSideBySide() {
    Tool echo = new Tool(ECHO, "1", ToolOutput::of);

    Episode episode =
        run(
            with(Slots.DEFAULT, echo),
            model(
                uses(
                    CounterWorld.add("a", 2),
                    new ToolUse("b", "echo", "{\"x\":1}"),
                    CounterWorld.add("c", 3))));

    assertThat(requests.getFirst().tools())
        .extracting(ToolSpec::name)
        .containsExactly("add", "echo");
    assertThat(world.count).isEqualTo(5);
    assertThat(world.said).containsExactly("done");
    assertThat(requests.get(1).messages())
        .containsExactly(
            Message.user("count to 5"),
            Message.assistant(
                "",
                List.of(
                    CounterWorld.add("a", 2),
                    new ToolUse("b", "echo", "{\"x\":1}"),
                    CounterWorld.add("c", 3))),
            Message.tool("a", "now 2"),
            Message.tool("b", "{\"x\":1}"),
            Message.tool("c", "now 5"));
    assertThat(episode.exitReason()).isEqualTo(ExitReason.FINISHED);
    assertThat(episode.steps())
        .extracting(Step::tool)
        .containsExactly("add", "echo", "add", ToolUse.COMMAND);
    assertThat(episode.steps()).extracting(Step::index).containsExactly(0, 0, 0, 1);
    assertThat(episode.turns().getFirst().toolUses()).hasSize(3);
  }

  @Test
  void unknownToolIsAnErrorResultWithASuggestion() {
    run(with(Slots.DEFAULT), model(uses(new ToolUse("a", "ad", "{}"))));

    assertThat(world.count).isZero();
    assertThat(requests.get(1).messages().getLast())
        .isEqualTo(Message.tool("a", "there is no tool 'ad': did you mean 'add'?"));
  }

  @Test
  void inputThatDoesNotFitTheSchemaIsAnErrorResultThatSaysWhy() {
    List<Boolean> errors = new ArrayList<>();
    ProcessorType listener =
        type(
            "listener",
            event -> {
              errors.add(((Event.ToolResult) event).error());
              return Outcome.PASS;
            },
            Hook.AFTER_TOOL);

    run(
        harness(listener),
        model(
            uses(
                new ToolUse("a", "add", "{\"amount\": 0}"),
                new ToolUse("b", "add", "{\"amuont\": 1}"),
                new ToolUse("c", "add", "{"),
                new ToolUse("d", "add", "[1]"))));

    assertThat(world.count).isZero();
    assertThat(errors).startsWith(true, true, true, true);
    assertThat(requests.get(1).messages())
        .filteredOn(message -> message.role() == Message.Role.TOOL)
        .extracting(Message::content)
        .satisfiesExactly(
            text -> assertThat(text).contains("does not fit its schema", "amount", "1"),
            text -> assertThat(text).contains("amuont", "required"),
            text -> assertThat(text).contains("must be a JSON object"),
            text -> assertThat(text).contains("must be a JSON object"));
  }

  @Test
  void aToolThatBreaksIsNotTheAgentsFault() {
    Tool broken =
        new Tool(
            ECHO,
            "1",
            input -> {
              throw new IllegalStateException("server died");
            });

    Episode episode = run(with(Slots.DEFAULT, broken), model(uses(new ToolUse("a", "echo", "{}"))));

    assertThat(episode.exitReason()).isEqualTo(ExitReason.TOOL_FAILURE);
    assertThat(episode.exitReason().isInfrastructure()).isTrue();
    assertThat(episode.detail())
        .isEqualTo("tool 'echo' failed: java.lang.IllegalStateException: server died");
    assertThat(requests).hasSize(1);
  }

  @Test
  void aToolThatAnswersWithAnErrorIsToldToTheModel() {
    Tool strict = new Tool(ECHO, "1", _ -> ToolOutput.failed("say please"));

    Episode episode = run(with(Slots.DEFAULT, strict), model(uses(new ToolUse("a", "echo", "{}"))));

    assertThat(requests.get(1).messages().getLast().content()).isEqualTo("say please");
    assertThat(episode.exitReason()).isEqualTo(ExitReason.FINISHED);
  }

  @Test
  void callsWithoutNamesGetStableOnesOfTheirOwn() {
    ProcessorType touches =
        type(
            "touches",
            event -> {
              Event.StepStart start = (Event.StepStart) event;
              List<Message> same = new ArrayList<>(start.history());
              return same.size() < 4
                  ? Outcome.PASS
                  : new Outcome.Transform(
                      new Event.StepStart(
                          start.step(),
                          start.observation(),
                          same.subList(same.size() - 1, same.size())));
            },
            Hook.STEP_START);

    Episode episode =
        run(
            harness(touches),
            model(
                uses(CounterWorld.add("", 1), CounterWorld.add("", 2), CounterWorld.add("a", 3)),
                uses(CounterWorld.add("a", 4), CounterWorld.add("a", 5))));

    assertThat(episode.exitReason()).isEqualTo(ExitReason.FINISHED);
    assertThat(world.count).isEqualTo(15);
    assertThat(requests.get(1).messages().stream().map(Message::toolUseId))
        .endsWith("call00000", "call00001", "a");
    assertThat(requests.get(2).messages().stream().map(Message::toolUseId))
        .endsWith("a", "call00100");
    assertThat(episode.turns().getFirst().toolUses())
        .extracting(ToolUse::id)
        .containsExactly("call00000", "call00001", "a");
  }

  @Test
  void everyUseIsAnsweredEvenWhenItIsBlocked() {
    ProcessorType guard =
        type(
            "guard",
            event ->
                ((Event.ToolCall) event).id().equals("b")
                    ? new Outcome.Intercept("ask first")
                    : Outcome.PASS,
            Hook.BEFORE_TOOL);

    run(harness(guard), model(uses(CounterWorld.add("a", 1), CounterWorld.add("b", 7))));

    assertThat(world.count).isEqualTo(1);
    assertThat(requests.get(1).messages().subList(2, 4))
        .containsExactly(Message.tool("a", "now 1"), Message.tool("b", "ask first"));
  }

  @Test
  void partsOfASplitUseAreOneResult() {
    ProcessorType splitter =
        type(
            "splitter",
            event -> {
              Event.ToolCall call = (Event.ToolCall) event;
              return call.tool().equals("add")
                  ? new Outcome.Split(
                      List.of(call.withInput("{\"amount\": 1}"), call.withInput("{\"amount\": 2}")))
                  : Outcome.PASS;
            },
            Hook.BEFORE_TOOL);

    run(harness(splitter), model(uses(CounterWorld.add("a", 3))));

    assertThat(world.count).isEqualTo(3);
    assertThat(requests.get(1).messages().getLast()).isEqualTo(Message.tool("a", "now 1 now 3"));
  }

  @Test
  void slotsSayWhichToolsThereAre() {
    Tool echo = new Tool(ECHO, "1", ToolOutput::of);

    run(with(Slots.DEFAULT.withTools(List.of("ec*")), echo), model(uses(CounterWorld.add("a", 1))));

    assertThat(requests.getFirst().tools()).extracting(ToolSpec::name).containsExactly("echo");
    assertThat(world.count).isZero();
    assertThatThrownBy(() -> run(with(Slots.DEFAULT.withTools(List.of("ech")), echo), model()))
        .isInstanceOf(HarnessException.class)
        .hasMessageContaining("requires the tool 'ech'");
    assertThatThrownBy(
            () ->
                run(with(Slots.DEFAULT, new Tool(CounterWorld.ADD, "1", ToolOutput::of)), model()))
        .isInstanceOf(HarnessException.class)
        .hasMessageContaining("two tools are named 'add'");
  }

  @Test
  void toolTakenAwayBeforeTheModelIsNotToBeHad() {
    ProcessorType filter =
        type(
            "filter",
            event -> new Outcome.Transform(((Event.BeforeModel) event).withTools(List.of())),
            Hook.BEFORE_MODEL);

    run(harness(filter), model(uses(CounterWorld.add("a", 1))));

    assertThat(requests.getFirst().tools()).isEmpty();
    assertThat(world.count).isZero();
  }

  @Test
  void noteAfterAToolResultIsAMessageOfItsOwn() {
    ProcessorType note =
        type(
            "note",
            event -> {
              Event.BeforeModel before = (Event.BeforeModel) event;
              return new Outcome.Transform(
                  before.withLastContent((before.lastContent() + " hurry").strip()));
            },
            Hook.BEFORE_MODEL);

    run(harness(note), model(uses(CounterWorld.add("a", 1))));

    assertThat(requests.getFirst().messages()).containsExactly(Message.user("count to 5 hurry"));
    assertThat(requests.get(1).messages())
        .endsWith(Message.tool("a", "now 1"), Message.user("hurry"));
  }

  @Test
  void orphanedToolResultBreaksTheContract() {
    ProcessorType forgetful =
        type(
            "forgetful",
            event -> {
              Event.StepStart start = (Event.StepStart) event;
              List<Message> history = start.history();
              return history.size() > 3
                  ? new Outcome.Transform(
                      new Event.StepStart(
                          start.step(), start.observation(), history.subList(2, history.size())))
                  : Outcome.PASS;
            },
            Hook.STEP_START);

    Episode episode =
        run(
            harness(forgetful),
            model(uses(CounterWorld.add("a", 1)), uses(CounterWorld.add("b", 1))));

    assertThat(episode.exitReason()).isEqualTo(ExitReason.CONTRACT_BREACH);
    assertThat(episode.detail()).contains("forgetful", "step_start", "history", "step 2");
  }

  @Test
  void callsWhoseResultsAreAboutToComeMayNotBeDropped() {
    ProcessorType wipes =
        type(
            "wipes",
            event ->
                event.step() == 1
                    ? new Outcome.Transform(
                        new Event.StepStart(1, ((Event.StepStart) event).observation(), List.of()))
                    : Outcome.PASS,
            Hook.STEP_START);

    Episode episode = run(harness(wipes), model(uses(CounterWorld.add("a", 1))));

    assertThat(episode.exitReason()).isEqualTo(ExitReason.CONTRACT_BREACH);
    assertThat(episode.detail()).contains("about to come");
  }
}
