package dev.tandem.harness.run;

import static dev.tandem.harness.TestTypes.BUDGET;
import static dev.tandem.harness.TestTypes.harness;
import static dev.tandem.harness.TestTypes.type;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.Harness;
import dev.tandem.harness.ScriptedModel;
import dev.tandem.harness.TinyHouse;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.event.Budget;
import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.World;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class EpisodeRunnerTest {
  private static final ProcessorRegistry REGISTRY = ProcessorRegistry.builtIn();

  private static final Harness BARE = Harness.compile(HarnessConfig.of(), REGISTRY);

  private final TinyHouse house = new TinyHouse();

  private Episode run(Harness harness, Model model) {
    return EpisodeRunner.run(harness, house, model, BUDGET, 1);
  }

  @Test
  void solvesATaskAndRecordsEveryStep() {
    ScriptedModel model =
        new ScriptedModel(
            "go to shelf 1",
            " take mug 1 from shelf 1\n",
            "go to cabinet 1",
            "open cabinet 1",
            "take mug 2 from cabinet 1");
    Episode episode = run(BARE, model);

    assertThat(episode.exitReason()).isEqualTo(ExitReason.FINISHED);
    assertThat(house.commands).hasSize(5).contains("take mug 1 from shelf 1");
    assertThat(episode.steps()).extracting(Step::index).containsExactly(0, 1, 2, 3, 4);
    assertThat(episode.steps()).extracting(Step::stateHash).doesNotHaveDuplicates();
    assertThat(episode.steps().get(1).before()).isEqualTo(episode.steps().get(0).after());
    assertThat(episode.turns()).extracting(Turn::harnessHash).containsOnly(BARE.hash());
    assertThat(episode.turns()).extracting(Turn::discarded).containsOnly(false);
    assertThat(episode.triggers()).isEmpty();
  }

  @Test
  void aPromptThatDoesNotFitTheModelEndsTheEpisodeAsTheHarnessesFault() {
    Episode episode =
        EpisodeRunner.run(
            BARE, house, request -> Model.Completion.contextOverflow(), new Budget(3, 1, 9), 1);

    assertThat(episode.exitReason()).isEqualTo(ExitReason.CONTEXT_OVERFLOW);
    assertThat(episode.exitReason().isInfrastructure()).isFalse();
    assertThat(episode.detail()).contains("step 0");
    assertThat(episode.turns()).isEmpty();
  }

  @Test
  void hooksComeInOrder() {
    List<String> log = new ArrayList<>();
    ProcessorType observer =
        type(
            "observer",
            event -> {
              log.add(event.hook().id() + " " + event.step());
              return Outcome.PASS;
            },
            Hook.values());
    Model model =
        request -> {
          log.add("model");
          return new Model.Completion("go to shelf 1", TokenTrace.NONE);
        };

    EpisodeRunner.run(harness(observer), house, model, new Budget(1, 1, 1), 1);

    assertThat(log)
        .containsExactly(
            "task_start -1",
            "step_start 0",
            "before_model 0",
            "model",
            "after_model 0",
            "before_tool 0",
            "after_tool 0",
            "step_end 0",
            "task_end 1");
  }

  @Test
  void historyKeepsRawTextAndTheModelSeesTheEphemeralOne() {
    ProcessorType note =
        type(
            "note",
            event -> {
              Event.BeforeModel before = (Event.BeforeModel) event;
              return new Outcome.Transform(
                  before.withLastContent(before.lastContent() + " hint " + before.step()));
            },
            Hook.BEFORE_MODEL);
    ProcessorType prompt =
        type(
            "prompt",
            event ->
                new Outcome.Transform(
                    new Event.TaskStart(((Event.TaskStart) event).observation(), "be good")),
            Hook.TASK_START);
    ScriptedModel model = new ScriptedModel("go to shelf 1", "go to table 1");

    Episode episode = run(harness(prompt, note), model);

    assertThat(model.requests.get(1).messages())
        .containsExactly(
            Message.system("be good"),
            Message.user("you wake up ."),
            Message.assistant("go to shelf 1"),
            Message.user("you go to shelf 1 . hint 1"));
    assertThat(episode.turns().get(1).messages()).isEqualTo(model.requests.get(1).messages());
    assertThat(episode.triggers())
        .startsWith(
            new Trigger(-1, Hook.TASK_START, "prompt", "systemPrompt"),
            new Trigger(0, Hook.BEFORE_MODEL, "note", "content"));
  }

  @Test
  void historyChangedAtStepStartStaysChanged() {
    ProcessorType forgetful =
        type(
            "forgetful",
            event -> {
              Event.StepStart start = (Event.StepStart) event;
              return start.step() == 1
                  ? new Outcome.Transform(new Event.StepStart(1, start.observation(), List.of()))
                  : Outcome.PASS;
            },
            Hook.STEP_START);
    ScriptedModel model = new ScriptedModel("a", "b", "c");

    run(harness(forgetful), model);

    assertThat(model.requests.get(2).messages())
        .extracting(Message::content)
        .containsExactly("nothing happens .", "b", "nothing happens .");
  }

  @Test
  void contractBreachEndsTheEpisodeWithItsMessage() {
    ProcessorType forger =
        type(
            "forger",
            event ->
                new Outcome.Transform(
                    new Event.StepEnd(
                        event.step(),
                        ((Event.StepEnd) event).remaining(),
                        new TinyHouse().act("go to shelf 1"))),
            Hook.STEP_END);

    Episode episode = run(harness(forger), new ScriptedModel("go to table 1"));

    assertThat(episode.exitReason()).isEqualTo(ExitReason.CONTRACT_BREACH);
    assertThat(episode.detail()).contains("forger", "step_end", "observation", "step 0");
    assertThat(episode.exitReason().isInfrastructure()).isFalse();
  }

  @Test
  void breachAtTaskEndSpoilsTheEpisode() {
    ProcessorType forger = type("forger", _ -> new Outcome.Intercept(""), Hook.TASK_END);

    assertThat(run(harness(forger), new ScriptedModel("x")).exitReason())
        .isEqualTo(ExitReason.CONTRACT_BREACH);
  }

  @Test
  void modelFailureIsInfrastructure() {
    Episode episode =
        run(
            BARE,
            _ -> {
              throw new Model.ModelException("connection refused", new IllegalStateException());
            });

    assertThat(episode.exitReason()).isEqualTo(ExitReason.MODEL_FAILURE);
    assertThat(episode.detail()).isEqualTo("connection refused");
  }

  @Test
  void environmentFailureIsInfrastructureEvenAtReset() {
    World broken =
        new World() {
          @Override
          public Observation reset() {
            throw new WorldException("no such game file", new IllegalStateException());
          }

          @Override
          public Observation act(String command) {
            throw new AssertionError("never begun");
          }

          @Override
          public boolean isFinished() {
            return false;
          }

          @Override
          public java.util.Optional<String> stateHash() {
            return java.util.Optional.of("");
          }
        };

    Episode episode = EpisodeRunner.run(BARE, broken, new ScriptedModel("x"), BUDGET, 1);

    assertThat(episode.exitReason()).isEqualTo(ExitReason.ENVIRONMENT_FAILURE);
    assertThat(episode.detail()).isEqualTo("no such game file");
  }

  @Test
  void budgetsEndTheEpisode() {
    Model model = new ScriptedModel("go to shelf 1");

    assertThat(EpisodeRunner.run(BARE, new TinyHouse(), model, new Budget(3, 1, 1_000), 1))
        .satisfies(
            episode -> {
              assertThat(episode.exitReason()).isEqualTo(ExitReason.STEP_BUDGET);
              assertThat(episode.steps()).hasSize(3);
            });
    assertThat(EpisodeRunner.run(BARE, new TinyHouse(), model, new Budget(30, 1, 8), 1))
        .satisfies(
            episode -> {
              assertThat(episode.exitReason()).isEqualTo(ExitReason.TOKEN_BUDGET);
              assertThat(episode.turns()).hasSize(2);
            });
  }

  @Test
  void requestSeedsDependOnSeedStepAndCallAlone() {
    Set<Long> seeds = new HashSet<>();
    for (long seed = 0; seed < 20; seed++) {
      for (int step = 0; step < 20; step++) {
        for (int call = 0; call < 5; call++) {
          seeds.add(EpisodeRunner.requestSeed(seed, step, call));
        }
      }
    }
    ScriptedModel model = new ScriptedModel("go to shelf 1");
    EpisodeRunner.run(BARE, house, model, BUDGET, 7);

    assertThat(seeds).hasSize(20 * 20 * 5);
    assertThat(model.requests.get(3).seed()).isEqualTo(EpisodeRunner.requestSeed(7, 3, 0));
  }

  @Test
  void concurrentEpisodesNeverShareProcessorState()
      throws InterruptedException, ExecutionException {
    Harness everything =
        Harness.compile(
            new HarnessConfig(
                ProcessorRegistry.builtIn().searchable().stream()
                    .map(type -> ProcessorSpec.of(type.id()))
                    .toList()),
            REGISTRY);
    List<String> goals =
        List.of("go to shelf 1", "go to table 1", "go to cabinet 1", "take mug 1 from shelf 1");
    List<Future<Episode>> episodes = new ArrayList<>();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 64; i++) {
        int offset = i;
        episodes.add(executor.submit(() -> wander(everything, goals, offset)));
      }
    }

    for (int i = 0; i < 64; i++) {
      Episode alone = wander(everything, goals, i);
      assertThat(episodes.get(i).get()).isEqualTo(alone);
      assertThat(alone.triggers()).isNotEmpty();
    }
  }

  /** Visits in an order of its own, so that shared memory would show in somebody's prompt. */
  private static Episode wander(Harness harness, List<String> goals, int offset) {
    List<String> script = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      script.add(goals.get((offset + i * (1 + offset % 3)) % goals.size()));
    }
    return EpisodeRunner.run(
        harness, new TinyHouse(), new ScriptedModel(script.toArray(String[]::new)), BUDGET, offset);
  }
}
