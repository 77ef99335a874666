package dev.tandem.harness.run;

import static dev.tandem.harness.TestTypes.BUDGET;
import static dev.tandem.harness.TestTypes.type;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.Harness;
import dev.tandem.harness.HarnessVersions;
import dev.tandem.harness.ScriptedModel;
import dev.tandem.harness.TinyHouse;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.edit.HarnessEdits;
import dev.tandem.harness.event.Budget;
import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.event.SwapRequest;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Services;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.harness.value.Slots;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A processor asks for another harness version in the middle of an episode. */
class SwapTest {
  private final TinyHouse house = new TinyHouse();
  private final ScriptedModel model = new ScriptedModel("go to shelf 1", "go to table 1");
  private final List<String> closed = new ArrayList<>();

  /** Counts the steps it has seen and says so in the prompt. */
  private final ProcessorType counter =
      type(
          "counter",
          0,
          List.of(),
          () ->
              new Processor() {
                private int seen;

                @Override
                public Outcome on(Event event) {
                  Event.BeforeModel before = (Event.BeforeModel) event;
                  seen++;
                  return new Outcome.Transform(before.withLastContent("seen " + seen));
                }

                @Override
                public void close() {
                  closed.add("counter");
                }
              },
          Hook.BEFORE_MODEL);

  private final ProcessorType prompt =
      type(
          "prompt",
          event ->
              new Outcome.Transform(
                  new Event.TaskStart(((Event.TaskStart) event).observation(), "be quick")),
          Hook.TASK_START);

  private ProcessorType asks(int step, SwapRequest.Target... targets) {
    return type(
        "asks",
        0,
        List.of(),
        () ->
            new Processor() {
              private int next;

              @Override
              public Outcome on(Event event) {
                return event.step() >= step && next < targets.length
                    ? Outcome.passAndSwap(new SwapRequest(targets[next++], "for the test"))
                    : Outcome.PASS;
              }

              @Override
              public void close() {
                closed.add("asks");
              }
            },
        Hook.STEP_END);
  }

  private static SwapRequest.Target edited(HarnessEdit edit) {
    return new SwapRequest.Target.Edited(edit);
  }

  private static SwapRequest.Target insert(String type) {
    return edited(new HarnessEdit.Insert(ProcessorSpec.of(type)));
  }

  private static SwapRequest.Target version(String name) {
    return new SwapRequest.Target.Version(name);
  }

  private Harness compile(Services services, List<String> present, ProcessorType... types) {
    return Harness.compile(
        new HarnessConfig(present.stream().map(ProcessorSpec::of).toList()),
        new ProcessorRegistry(Arrays.asList(types)),
        services);
  }

  private Episode run(Harness harness, Budget budget) {
    return EpisodeRunner.run(harness, house, model, budget, 1);
  }

  @Test
  void goesOnUnderTheOtherVersionFromTheNextStepAndTurnsSayWhichTheyRanUnder() {
    Harness before =
        compile(Services.NONE, List.of("asks"), asks(1, insert("prompt")), prompt, counter);

    Episode episode = run(before, BUDGET);

    Harness after = before.edited(new HarnessEdit.Insert(ProcessorSpec.of("prompt")));
    assertThat(episode.turns().subList(0, 4))
        .extracting(Turn::harnessHash)
        .containsExactly(before.hash(), before.hash(), after.hash(), after.hash());
    assertThat(episode.swaps())
        .singleElement()
        .satisfies(
            swap -> {
              assertThat(swap.happened()).isTrue();
              assertThat(swap.step()).isEqualTo(1);
              assertThat(swap.processor()).isEqualTo("asks");
              assertThat(swap.reason()).isEqualTo("for the test");
              assertThat(swap.from()).isEqualTo(before.hash());
              assertThat(swap.to()).isEqualTo(after.hash());
              assertThat(HarnessEdits.fromJson(swap.target()))
                  .isEqualTo(new HarnessEdit.Insert(ProcessorSpec.of("prompt")));
            });
  }

  @Test
  void historyBudgetAndStateOfUnchangedProcessorsCarryOverAndTheSystemPromptIsTheNewVersions() {
    Harness before =
        compile(
            Services.NONE, List.of("asks", "counter"), asks(1, insert("prompt")), prompt, counter);

    Episode episode = run(before, new Budget(4, 1, 1_000));

    assertThat(model.requests.get(2).messages())
        .containsExactly(
            Message.system("be quick"),
            Message.user("you wake up ."),
            Message.assistant("go to shelf 1"),
            Message.user("you go to shelf 1 ."),
            Message.assistant("go to table 1"),
            Message.user("seen 3"));
    assertThat(episode.steps()).hasSize(4);
    assertThat(episode.exitReason()).isEqualTo(ExitReason.STEP_BUDGET);
    assertThat(episode.segments())
        .containsExactly(new Segment(0, 2, ""), new Segment(2, 4, "swap"));
  }

  @Test
  void aProcessorMadeOfOtherSlotsIsMadeAnew() {
    List<List<String>> toolsSeen = new ArrayList<>();
    ProcessorType equipped =
        new ProcessorType(
            "equipped",
            "Knows its slots.",
            "equipped",
            Dimension.CONTROL_AND_SAFETY,
            Set.of(Hook.BEFORE_MODEL),
            0,
            List.of(),
            Set.of(),
            List.of(),
            arguments -> {
              Slots slots = arguments.services().require(Slots.class);
              return _ -> {
                toolsSeen.add(slots.tools());
                return Outcome.PASS;
              };
            });
    SwapRequest.Target target =
        edited(new HarnessEdit.Equip(Slots.DEFAULT.withTools(List.of("x*"))));

    run(
        compile(Services.NONE, List.of("asks", "equipped"), asks(0, target), equipped),
        new Budget(2, 1, 1_000));

    assertThat(toolsSeen).containsExactly(List.of("*"), List.of("x*"));
    assertThat(closed).containsExactly("asks", "asks");
  }

  @Test
  void processorLeftBehindIsClosedAtOnceAndTheOthersAtTheEnd() {
    Harness before =
        compile(
            Services.NONE,
            List.of("asks", "counter"),
            asks(0, edited(new HarnessEdit.Remove("counter"))),
            counter);

    run(before, new Budget(3, 1, 1_000));

    assertThat(closed).containsExactly("counter", "asks");
    assertThat(model.prompts().subList(0, 2)).containsExactly("seen 1", "you go to shelf 1 .");
  }

  @Test
  void versionIsFoundByName() {
    Harness other = compile(Services.NONE, List.of("prompt"), prompt);
    HarnessVersions versions =
        name -> name.equals("careful") ? Optional.of(other) : Optional.empty();
    Harness before =
        compile(
            Services.NONE.with(HarnessVersions.class, versions, "versions"),
            List.of("asks"),
            asks(0, version("careful")));

    Episode episode = run(before, BUDGET);

    assertThat(episode.turns().get(1).harnessHash()).isEqualTo(other.hash());
  }

  @Test
  void incompatibleTargetsAreRefusedWithAReasonAndTheEpisodeGoesOn() {
    HarnessVersions versions =
        name ->
            Optional.of(
                    compile(Services.NONE, List.of(), prompt)
                        .edited(new HarnessEdit.Equip(Slots.DEFAULT.withTools(List.of("browser"))))
                        .config()
                        .withDescription(name))
                .map(config -> Harness.compile(config, new ProcessorRegistry(List.of(prompt))));
    Harness before =
        compile(
            Services.NONE.with(HarnessVersions.class, versions, "versions"),
            List.of("asks"),
            asks(
                0,
                insert("unheard_of"),
                version("with a browser"),
                edited(new HarnessEdit.Remove("absent")),
                edited(new HarnessEdit.Configure("asks", "colour", "red")),
                edited(new HarnessEdit.Equip(Slots.DEFAULT))));

    Episode episode = run(before, BUDGET);

    assertThat(episode.swaps())
        .hasSize(5)
        .noneMatch(Swap::happened)
        .extracting(Swap::refusal)
        .satisfiesExactly(
            why -> assertThat(why).contains("unknown processor type 'unheard_of'"),
            why -> assertThat(why).contains("requires the tool 'browser'"),
            why -> assertThat(why).contains("has no processor 'absent'"),
            why -> assertThat(why).contains("unknown parameter 'colour'"),
            why -> assertThat(why).contains("already"));
    assertThat(episode.exitReason()).isEqualTo(ExitReason.STEP_BUDGET);
    assertThat(episode.turns()).extracting(Turn::harnessHash).containsOnly(before.hash());
    assertThat(closed).containsExactly("asks");
  }

  @Test
  void unknownVersionIsRefusedWhereNoVersionsAreBound() {
    Episode episode =
        run(compile(Services.NONE, List.of("asks"), asks(0, version("careful"))), BUDGET);

    assertThat(episode.swaps())
        .extracting(Swap::refusal)
        .containsExactly("no harness version 'careful' is known");
  }

  @Test
  void swapsAreBounded() {
    ProcessorType restless =
        type(
            "restless",
            event ->
                Outcome.passAndSwap(
                    new SwapRequest(
                        event.step() % 2 == 0
                            ? insert("prompt")
                            : edited(new HarnessEdit.Remove("prompt")),
                        "bored")),
            Hook.STEP_END);
    Budget budget =
        new Budget(8, 1, 1_000, Double.POSITIVE_INFINITY, Budget.UNLIMITED.wallTime(), 3);

    Episode episode =
        run(compile(Services.NONE, List.of("restless"), restless, prompt, counter), budget);

    assertThat(episode.swaps()).extracting(Swap::happened).startsWith(true, true, true, false);
    assertThat(episode.swaps()).filteredOn(Swap::happened).hasSize(3);
    assertThat(episode.swaps().getLast().refusal()).contains("3 swaps");
  }

  @Test
  void loopLeadsToTheDecisionForcingVariant() {
    ProcessorType forcing =
        type(
            "decision_forcing",
            event ->
                new Outcome.Transform(
                    ((Event.BeforeModel) event).withChoices(List.of("go to cabinet 1"))),
            Hook.BEFORE_MODEL);
    ProcessorRegistry registry =
        new ProcessorRegistry(List.of(ProcessorRegistry.builtIn().type("swap_on_loop"), forcing));
    Harness harness = Harness.compile(HarnessConfig.of(ProcessorSpec.of("swap_on_loop")), registry);
    ScriptedModel stuck = new ScriptedModel("jump");

    Episode episode = EpisodeRunner.run(harness, house, stuck, new Budget(6, 1, 1_000), 1);

    assertThat(episode.swaps())
        .singleElement()
        .satisfies(
            swap -> {
              assertThat(swap.happened()).isTrue();
              assertThat(swap.step()).isEqualTo(2);
              assertThat(swap.reason()).contains("'jump'", "more than 2 times");
            });
    assertThat(stuck.requests.get(2).choices()).isEmpty();
    assertThat(stuck.requests.get(3).choices()).containsExactly("go to cabinet 1");
  }

  @Test
  void wishAtTaskEndComesTooLate() {
    ProcessorType late =
        type("late", _ -> Outcome.passAndSwap(new SwapRequest(version("any"), "")), Hook.TASK_END);

    Episode episode = run(compile(Services.NONE, List.of("late"), late), new Budget(1, 1, 1_000));

    assertThat(episode.exitReason()).isEqualTo(ExitReason.CONTRACT_BREACH);
    assertThat(episode.detail()).contains("late", "task_end", "swap");
  }
}
