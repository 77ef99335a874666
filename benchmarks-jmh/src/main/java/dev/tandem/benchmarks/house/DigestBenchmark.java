package dev.tandem.benchmarks.house;

import dev.tandem.aegis.digest.Digest;
import dev.tandem.aegis.digest.Digester;
import dev.tandem.aegis.plan.Landscape;
import dev.tandem.aegis.plan.Planner;
import dev.tandem.benchmarks.measure.Check;
import dev.tandem.harness.durable.DurableFiles;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.Step;
import dev.tandem.harness.run.Turn;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.RandomStreams;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.house.HouseFamily;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.EpisodeContext;
import dev.tandem.rollout.store.SegmentName;
import dev.tandem.rollout.store.TraceStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What went wrong in a round of House, read from the trace store one episode at a time, in a heap
 * that could not hold the round. The episodes are of an agent that picks among the commands that
 * would be carried out, so that most of them fail and every failure is read step by step.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx1g")
@Warmup(iterations = 2)
@Measurement(iterations = 5)
public class DigestBenchmark {
  private static final int ROUND = 1;
  private static final int SEGMENT = 500;
  private static final int ATTEMPTS = 8;
  private static final int PROMPT_TOKENS = 100;
  private static final int RESPONSE_TOKENS = 6;

  /** In the round. */
  public int trajectories = 10_000;

  private final EnvironmentFamily family = new HouseFamily();
  private Path folder;
  private TraceStore store;

  @Setup
  public void play() throws IOException {
    folder = Files.createTempDirectory("tandem-digest");
    store = TraceStore.open(folder);
    List<TaskSpec> tasks = family.tasks().tasks(Split.TRAIN, 0, trajectories / ATTEMPTS);
    for (int from = 0; from < trajectories; from += SEGMENT) {
      List<Trajectory> part = new ArrayList<>();
      for (int i = from; i < Math.min(from + SEGMENT, trajectories); i++) {
        part.add(play(tasks.get(i % tasks.size()), i));
      }
      store.write(
          SegmentName.of(ROUND, Phase.TRAIN, from / SEGMENT + 1), part, List.of(), one -> Set.of());
    }
  }

  private Trajectory play(TaskSpec task, int number) {
    SplittableRandom random = RandomStreams.stream(1, "digest", number);
    List<Step> steps = new ArrayList<>();
    List<Turn> turns = new ArrayList<>();
    try (Environment world = family.open(task, EpisodeContext.of(number))) {
      Observation before = world.reset();
      while (!world.isFinished() && steps.size() < task.stepLimit()) {
        List<String> commands = before.commands();
        String action = commands.get(random.nextInt(commands.size()));
        Observation after = world.act(action);
        turns.add(
            new Turn(
                steps.size(),
                "bare",
                List.of(Message.system(before.goal()), Message.user(before.text())),
                action,
                tokens(random),
                false));
        steps.add(new Step(steps.size(), before, "", action, true, after));
        before = after;
      }
      ExitReason exit = world.isFinished() ? ExitReason.FINISHED : ExitReason.STEP_BUDGET;
      Episode episode = new Episode(turns, steps, List.of(), exit, "");
      return new Trajectory(
          "r0001-%05d".formatted(number),
          Phase.TRAIN,
          ROUND,
          task,
          "bare",
          "none",
          number,
          episode,
          world.verify(episode));
    }
  }

  private static TokenTrace tokens(SplittableRandom random) {
    return new TokenTrace(
        random.ints(PROMPT_TOKENS, 0, 200).toArray(),
        random.ints(RESPONSE_TOKENS, 0, 200).toArray(),
        new float[RESPONSE_TOKENS],
        new int[0][]);
  }

  @TearDown
  public void close() throws IOException {
    store.close();
    DurableFiles.deleteTree(folder);
  }

  /** From the store to the landscape. */
  @Benchmark
  public Landscape digest() {
    Digest digest =
        new Digester(House.registry(), family.failures())
            .digest(HouseHarness.BARE.config(), store.trained(ROUND), Map.of());
    Check.that(digest.attempts() == trajectories, "%d episodes were digested", digest.attempts());
    return Planner.plan(digest);
  }
}
