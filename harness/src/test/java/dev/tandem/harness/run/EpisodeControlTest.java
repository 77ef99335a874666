package dev.tandem.harness.run;

import static dev.tandem.harness.TestTypes.BUDGET;
import static dev.tandem.harness.TestTypes.harness;
import static dev.tandem.harness.TestTypes.type;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.tandem.harness.Harness;
import dev.tandem.harness.ScriptedModel;
import dev.tandem.harness.TinyHouse;
import dev.tandem.harness.event.Budget;
import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.spi.ProcessorType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How processors take the run loop over: intercept, interrupt, split. */
class EpisodeControlTest {
  private final TinyHouse house = new TinyHouse();

  private Episode run(Harness harness, Model model) {
    return EpisodeRunner.run(harness, house, model, BUDGET, 1);
  }

  @Test
  void interceptedResponseIsDiscardedAndTheModelAskedAgainWithTheNote() {
    ProcessorType picky =
        type(
            "picky",
            event ->
                ((Event.ModelResponse) event).content().equals("jump")
                    ? new Outcome.Intercept("do not jump .")
                    : Outcome.PASS,
            Hook.AFTER_MODEL);
    ScriptedModel model = new ScriptedModel("jump", "go to shelf 1", "go to table 1");

    Episode episode = run(harness(picky), model);

    assertThat(model.prompts().get(1)).isEqualTo("you wake up .\ndo not jump .");
    assertThat(episode.turns().subList(0, 3))
        .extracting(Turn::step, Turn::text, Turn::discarded)
        .containsExactly(
            tuple(0, "jump", true),
            tuple(0, "go to shelf 1", false),
            tuple(1, "go to table 1", false));
    assertThat(house.commands).doesNotContain("jump");
    assertThat(model.requests.get(2).messages())
        .extracting(Message::content)
        .containsExactly("you wake up .", "go to shelf 1", "you go to shelf 1 .");
    assertThat(episode.triggers()).contains(new Trigger(0, Hook.AFTER_MODEL, "picky", "intercept"));
  }

  @Test
  void anInterceptedResponseNeverActsEvenWhenTheModelCallsOfTheStepAreUsedUp() {
    ProcessorType never = type("never", _ -> new Outcome.Intercept("no ."), Hook.AFTER_MODEL);
    ScriptedModel model = new ScriptedModel("one", "two", "three");
    List<Event> told = new ArrayList<>();
    ProcessorType downstream =
        type(
            "downstream",
            event -> {
              told.add(event);
              return Outcome.PASS;
            },
            Hook.AFTER_MODEL,
            Hook.BEFORE_TOOL,
            Hook.AFTER_TOOL);

    Episode episode =
        EpisodeRunner.run(harness(never, downstream), house, model, new Budget(2, 3, 1_000), 1);

    assertThat(house.commands).isEmpty();
    assertThat(model.prompts().get(2)).isEqualTo("you wake up .\nno .\nno .");
    assertThat(model.prompts().get(3)).as("what came of step 0").isEqualTo("no .");
    assertThat(episode.turns()).extracting(Turn::discarded).containsOnly(true);
    assertThat(episode.steps())
        .extracting(Step::action, Step::executed)
        .containsExactly(tuple("three", false), tuple("three", false));
    assertThat(told)
        .hasSize(2)
        .allSatisfy(
            event ->
                assertThat(event)
                    .isInstanceOfSatisfying(
                        Event.ToolResult.class,
                        result -> {
                          assertThat(result.executed()).isFalse();
                          assertThat(result.text()).isEqualTo("no .");
                        }));
    assertThat(episode.exitReason()).isEqualTo(ExitReason.STEP_BUDGET);
  }

  @Test
  void responsesTellHowOftenTheModelMayStillBeAsked() {
    List<Integer> left = new ArrayList<>();
    ProcessorType never =
        type(
            "never",
            event -> {
              left.add(((Event.ModelResponse) event).callsLeft());
              return new Outcome.Intercept("no .");
            },
            Hook.AFTER_MODEL);

    EpisodeRunner.run(harness(never), house, new ScriptedModel("one"), new Budget(1, 3, 1_000), 1);
    EpisodeRunner.run(
        harness(never), new TinyHouse(), new ScriptedModel("one"), new Budget(1, 3, 8), 1);

    assertThat(left).containsExactly(2, 1, 0, 2, 0);
  }

  @Test
  void interceptedToolIsNotExecutedAndTheModelIsTold() {
    ProcessorType guard =
        type(
            "guard",
            event -> event.step() == 0 ? new Outcome.Intercept("not now .") : Outcome.PASS,
            Hook.BEFORE_TOOL);
    ScriptedModel model = new ScriptedModel("go to shelf 1", "go to table 1");

    Episode episode = run(harness(guard), model);

    assertThat(house.commands).doesNotContain("go to shelf 1");
    Step blocked = episode.steps().getFirst();
    assertThat(blocked.executed()).isFalse();
    assertThat(blocked.action()).isEqualTo("go to shelf 1");
    assertThat(blocked.after()).isEqualTo(blocked.before());
    assertThat(model.prompts().get(1)).isEqualTo("not now .");
    assertThat(episode.steps()).hasSize(BUDGET.steps());
  }

  @Test
  void disapprovedToolIsNotExecuted() {
    ProcessorType guard =
        type(
            "guard",
            event -> {
              Event.ToolCall call = (Event.ToolCall) event;
              return new Outcome.Transform(
                  new Event.ToolCall(
                      call.step(), call.observation(), call.tool(), call.input(), false));
            },
            Hook.BEFORE_TOOL);

    Episode episode = run(harness(guard), new ScriptedModel("go to shelf 1"));

    assertThat(house.commands).isEmpty();
    assertThat(episode.steps()).extracting(Step::executed).containsOnly(false);
  }

  @Test
  void interruptEndsTheEpisodeWithItsReasonAndTaskEndStillRuns() {
    List<ExitReason> told = new ArrayList<>();
    ProcessorType stop =
        type(
            "stop",
            event ->
                event.step() == 1
                    ? new Outcome.Interrupt(ExitReason.INTERRUPTED, "enough")
                    : Outcome.PASS,
            Hook.BEFORE_TOOL);
    ProcessorType end =
        type(
            "end",
            event -> {
              told.add(((Event.TaskEnd) event).exitReason());
              return Outcome.PASS;
            },
            Hook.TASK_END);

    Episode episode = run(harness(stop, end), new ScriptedModel("go to shelf 1"));

    assertThat(episode.exitReason()).isEqualTo(ExitReason.INTERRUPTED);
    assertThat(episode.detail()).isEqualTo("enough");
    assertThat(told).containsExactly(ExitReason.INTERRUPTED);
    assertThat(house.commands).hasSize(1);
    assertThat(episode.triggers())
        .containsExactly(new Trigger(1, Hook.BEFORE_TOOL, "stop", "interrupt"));
  }

  @Test
  void responseOfAnInterruptedTurnIsKeptAsDiscarded() {
    ProcessorType stop =
        type("stop", _ -> new Outcome.Interrupt(ExitReason.INTERRUPTED, ""), Hook.AFTER_MODEL);

    Episode episode = run(harness(stop), new ScriptedModel("go to shelf 1"));

    assertThat(episode.turns()).extracting(Turn::discarded).containsExactly(true);
    assertThat(episode.steps()).isEmpty();
  }

  @Test
  void splitToolCallsBothHappenAndGoThroughTheRestOfTheChain() {
    List<String> seen = new ArrayList<>();
    ProcessorType splitter =
        type(
            "splitter",
            event -> {
              Event.ToolCall call = (Event.ToolCall) event;
              return call.step() > 0
                  ? Outcome.PASS
                  : new Outcome.Split(
                      List.of(input(call, "go to shelf 1"), input(call, "go to table 1")));
            },
            Hook.BEFORE_TOOL);
    ProcessorType observer =
        type(
            "observer",
            event -> {
              seen.add(((Event.ToolCall) event).input());
              return Outcome.PASS;
            },
            Hook.BEFORE_TOOL);
    ScriptedModel model = new ScriptedModel("both", "stay");

    Episode episode =
        EpisodeRunner.run(harness(splitter, observer), house, model, new Budget(3, 1, 1_000), 1);

    assertThat(house.commands).containsExactly("go to shelf 1", "go to table 1", "stay");
    assertThat(seen).isEqualTo(house.commands);
    assertThat(episode.steps()).extracting(Step::index).containsExactly(0, 0, 1);
    assertThat(model.prompts().get(1)).isEqualTo("you go to shelf 1 . you go to table 1 .");
  }

  private static Event.ToolCall input(Event.ToolCall call, String input) {
    return new Event.ToolCall(call.step(), call.observation(), call.tool(), input, call.approved());
  }
}
