package dev.tandem.rollout.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.Harness;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.edit.HarnessEdits;
import dev.tandem.harness.event.Budget;
import dev.tandem.harness.event.Facts;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.ModelRole;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.EpisodeRunner;
import dev.tandem.harness.run.ModelSpending;
import dev.tandem.harness.run.ObserverFailure;
import dev.tandem.harness.run.Step;
import dev.tandem.harness.run.Swap;
import dev.tandem.harness.spi.Services;
import dev.tandem.harness.tool.Tool;
import dev.tandem.harness.tool.ToolOutput;
import dev.tandem.harness.tool.ToolRegistry;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.house.HouseFamily;
import dev.tandem.rollout.spi.Capabilities;
import dev.tandem.rollout.spi.DeclaredTasks;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.EpisodeContext;
import dev.tandem.rollout.spi.TaskCatalogue;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trajectories with tool uses, several actions a step and swaps come back as they were. */
class ToolTrajectoryTest {
  private static final TaskSpec TASK =
      new HouseFamily().tasks().tasks(Split.TRAIN, 0, 1).getFirst();

  @TempDir private Path run;

  /** A counter with a tool; a final answer ends it. */
  private static final class Counter implements Environment {
    private int count;
    private boolean answered;

    private record State(int count, boolean answered) implements Snapshot {}

    @Override
    public List<ToolSpec> tools() {
      return List.of(new ToolSpec("add", "Adds one.", "{\"type\":\"object\"}"));
    }

    @Override
    public Observation reset() {
      return observation("count");
    }

    @Override
    public Observation act(String command) {
      answered = command.equals("done");
      return observation("you said " + command);
    }

    @Override
    public Observation use(ToolUse use) {
      count++;
      return observation("counted");
    }

    /** Whatever was said last, the situation is the same: doing it again is a loop. */
    private static Observation observation(String feedback) {
      return new Observation(
          "count", feedback, new Facts(Map.of("place", "here")), true, Optional.empty());
    }

    @Override
    public boolean isFinished() {
      return answered;
    }

    @Override
    public Optional<String> stateHash() {
      return Optional.of(count + " " + answered);
    }

    @Override
    public Verdict verify(Episode episode) {
      return new Verdict(answered, answered ? 1 : 0, 1, new TreeMap<>(), List.of());
    }

    @Override
    public Snapshot snapshot() {
      return new State(count, answered);
    }

    @Override
    public void restore(Snapshot snapshot) {
      count = ((State) snapshot).count();
      answered = ((State) snapshot).answered();
    }
  }

  private record CounterFamily(Capabilities capabilities) implements EnvironmentFamily {
    private CounterFamily() {
      this(Capabilities.ALL);
    }

    @Override
    public String id() {
      return "counter";
    }

    @Override
    public TaskCatalogue tasks() {
      return new DeclaredTasks(List.of(TASK));
    }

    @Override
    public Environment open(TaskSpec task, EpisodeContext context) {
      return new Counter();
    }
  }

  /** Uses tools of both kinds and one that is not there, repeats itself, and answers. */
  private static Model.Completion answer(Model.Request request) {
    int turn = (int) request.messages().stream().filter(m -> !m.toolUses().isEmpty()).count();
    List<ToolUse> uses =
        turn == 0
            ? List.of(
                new ToolUse("a", "add", "{}"),
                new ToolUse("b", "shout", "{\"x\":\"\u00e9\"}"),
                new ToolUse("c", "ad", "{}"))
            : turn < 4 ? List.of(new ToolUse("d" + turn, "add", "{}")) : List.of();
    return new Model.Completion(
        uses.isEmpty() ? "done" : "",
        uses,
        TokenTrace.NONE,
        new Model.Usage(1, 1, 0),
        Model.Finish.STOP);
  }

  private static final Tool SHOUT =
      new Tool(new ToolSpec("shout", "Shouts.", "{\"type\":\"object\"}"), "1", ToolOutput::of);
  private static final Services SERVICES =
      Services.NONE.with(ToolRegistry.class, new ToolRegistry(List.of(SHOUT)));

  private static Trajectory play() {
    Harness harness =
        Harness.compile(
            HarnessConfig.of(
                ProcessorSpec.of("swap_on_loop")
                    .with("repeats", 1)
                    .with("processor", "loop_guard")),
            ProcessorRegistry.builtIn(),
            SERVICES);
    Counter counter = new Counter();
    Episode episode =
        EpisodeRunner.run(
            harness, counter, ToolTrajectoryTest::answer, new Budget(20, 1, 1_000), 1);
    return new Trajectory(
        "one", Phase.TRAIN, 1, TASK, harness.hash(), "none", 1, episode, counter.verify(episode));
  }

  @Test
  void everythingComesBack() {
    Trajectory played = play();

    Trajectory read = storedAndRead(played);

    assertThat(played.verdict().success()).isTrue();
    assertThat(read.episode().steps())
        .isEqualTo(played.episode().steps())
        .extracting(Step::index)
        .containsExactly(0, 0, 0, 1, 2, 3, 4);
    assertThat(read.episode().steps())
        .extracting(Step::executed)
        .containsExactly(true, true, false, true, true, true, true);
    assertThat(read.episode().swaps())
        .isEqualTo(played.episode().swaps())
        .singleElement()
        .matches(Swap::happened);
    assertThat(read.episode().triggers()).isEqualTo(played.episode().triggers());
    assertThat(read.episode().turns())
        .usingRecursiveComparison()
        .isEqualTo(played.episode().turns());
  }

  @Test
  void versionOfASwapIsFoundAgainFromTheRecord() {
    Swap swap = play().episode().swaps().getFirst();
    HarnessConfig begun =
        HarnessConfig.of(
            ProcessorSpec.of("swap_on_loop").with("repeats", 1).with("processor", "loop_guard"));
    HarnessEdit edit = HarnessEdits.fromJson(swap.target());

    ProcessorRegistry bound = ProcessorRegistry.builtIn().boundTo(SERVICES);
    assertThat(begun.hash(bound)).isEqualTo(swap.from());
    assertThat(begun.apply(edit, ProcessorRegistry.builtIn()).hash(bound)).isEqualTo(swap.to());
  }

  @Test
  void itsReplayAgrees() {
    assertThat(ReplayCheck.difference(play(), new CounterFamily())).isEmpty();
  }

  @Test
  void aWorldThatMayAnswerDifferentlyIsNotReplayed() {
    assertThatThrownBy(() -> ReplayCheck.difference(play(), new CounterFamily(Capabilities.NONE)))
        .isInstanceOf(TraceException.class)
        .hasMessage(
            "the worlds of counter may answer differently each time: their episodes cannot be"
                + " played again");
  }

  @Test
  void whatWasSpentAndWhichObserversFailedComesBack() {
    Trajectory played = play();
    Episode one = played.episode();
    Episode watched =
        new Episode(
            one.turns(),
            one.steps(),
            one.triggers(),
            one.swaps(),
            one.exitReason(),
            one.detail(),
            Map.of(ModelRole.JUDGE, new ModelSpending(2, new Model.Usage(30, 4, 0.25))),
            List.of(new ObserverFailure("trace_log", "task_end", "the disk is full", 3)));

    Episode read =
        storedAndRead(
                new Trajectory(
                    played.id(),
                    played.phase(),
                    played.round(),
                    played.task(),
                    played.harnessHash(),
                    played.checkpoint(),
                    played.seed(),
                    watched,
                    played.verdict()))
            .episode();

    assertThat(read.spending()).isEqualTo(watched.spending());
    assertThat(read.observerFailures()).isEqualTo(watched.observerFailures());
  }

  private Trajectory storedAndRead(Trajectory trajectory) {
    try (TraceStore store = TraceStore.open(run)) {
      store.write(SegmentName.of(1, Phase.TRAIN), List.of(trajectory), List.of(), one -> Set.of());
      return store.read(1).getFirst();
    }
  }
}
