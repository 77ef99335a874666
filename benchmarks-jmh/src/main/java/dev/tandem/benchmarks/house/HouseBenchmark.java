package dev.tandem.benchmarks.house;

import dev.tandem.benchmarks.measure.Check;
import dev.tandem.harness.Harness;
import dev.tandem.harness.model.Model;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.RandomStreams;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.house.HouseFamily;
import dev.tandem.rollout.run.EpisodePlan;
import dev.tandem.rollout.run.LocalRolloutExecutor;
import dev.tandem.rollout.run.RolloutExecutor;
import dev.tandem.rollout.spi.CompletionSession;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.ModelProvider;
import dev.tandem.trainer.policy.Policy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * House episodes as training plays them: the default decoder after a short warm start, all episodes
 * of a batch at once, model calls in lockstep. Model and environment never run at the same time, so
 * the time outside the model is the environment's and the harness's.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 5)
@Measurement(iterations = 5, time = 5)
public class HouseBenchmark {
  /** Folder that keeps the warm policy from one fork to the next; a new one where it is not set. */
  public static final String CACHE_PROPERTY = "tandem.benchmarks.cache";

  private static final int EXPERT_EPISODES = 2500;
  private static final double LEAST_SOLVED = 0.1;

  @Param public HouseHarness harness = HouseHarness.BARE;

  /** Episodes at once. */
  @Param({"64", "512"})
  public int episodes = 64;

  private final EnvironmentFamily family = new HouseFamily();
  private Policy policy;
  private RolloutExecutor executor;
  private List<EpisodePlan> plans;

  /** What a second's work amounts to. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Counters {
    public long episodes;
    public long solved;
    public long actions;
  }

  /** What was not the model's. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Share {
    /**
     * Seconds in which the model did not work; in a second, the environment's share of the time.
     */
    public double environmentSeconds;
  }

  /** The answers of the model to these very episodes. */
  @State(Scope.Benchmark)
  public static class Recording {
    private ModelProvider answers;

    @Setup
    public void record(HouseBenchmark house) {
      RecordedModel recorded = new RecordedModel(house.policy.provider("recorded"));
      house.play(recorded);
      answers = recorded.replay();
    }
  }

  @Setup
  public void open() throws IOException {
    open(EXPERT_EPISODES);
    requireRealism();
  }

  /** Episodes that all run to their step limit are no workload that training sees for long. */
  private void requireRealism() {
    long solved =
        play(policy.provider("benchmark")).stream()
            .filter(trajectory -> trajectory.verdict().success())
            .count();
    Check.that(
        solved >= LEAST_SOLVED * episodes,
        "the warm policy solves %d of %d episodes: it has to learn longer",
        solved,
        episodes);
  }

  final void open(int expertEpisodes) throws IOException {
    policy = House.policy(cache(), expertEpisodes, HouseHarness.BARE.config());
    executor =
        new LocalRolloutExecutor(
            family,
            LocalRolloutExecutor.Settings.forWorld(family.capabilities())
                .withConcurrency(episodes));
    plans = new ArrayList<>();
    Harness compiled = Harness.compile(harness.config(), House.registry());
    for (TaskSpec task : family.tasks().tasks(Split.GATE, 0, episodes)) {
      long seed = RandomStreams.derive(1, "benchmark", task.id());
      plans.add(new EpisodePlan("b-" + task.id(), Phase.EVALUATION, 0, task, compiled, seed));
    }
  }

  private static Path cache() throws IOException {
    String folder = System.getProperty(CACHE_PROPERTY);
    return folder == null
        ? Files.createTempDirectory("tandem-benchmarks")
        : Files.createDirectories(Path.of(folder));
  }

  @TearDown
  public void close() {
    policy.close();
  }

  /** One batch of episodes with the decoder. */
  @Benchmark
  public List<Trajectory> rollouts(Counters counters, Share share) {
    TimedModel model = new TimedModel(policy.provider("benchmark"));
    long begin = System.nanoTime();
    List<Trajectory> trajectories = play(model);
    share.environmentSeconds += (System.nanoTime() - begin - model.nanoseconds) / 1e9;
    count(trajectories, counters);
    return trajectories;
  }

  /** The same episodes with recorded answers: environment, harness and lockstep alone. */
  @Benchmark
  public List<Trajectory> environmentAlone(Recording recording, Counters counters) {
    List<Trajectory> trajectories = play(recording.answers);
    count(trajectories, counters);
    return trajectories;
  }

  private List<Trajectory> play(ModelProvider model) {
    List<Trajectory> trajectories = executor.run(plans, model, count -> {}).trajectories();
    Check.that(trajectories.size() == episodes, "%d episodes ended", trajectories.size());
    return trajectories;
  }

  private static void count(List<Trajectory> trajectories, Counters counters) {
    counters.episodes += trajectories.size();
    for (Trajectory trajectory : trajectories) {
      counters.solved += trajectory.verdict().success() ? 1 : 0;
      counters.actions += trajectory.episode().steps().size();
    }
  }

  /** Says how long it took to answer. */
  private static final class TimedModel implements ModelProvider {
    private final ModelProvider model;
    private long nanoseconds;

    TimedModel(ModelProvider model) {
      this.model = model;
    }

    @Override
    public String checkpoint() {
      return model.checkpoint();
    }

    @Override
    public List<Model.Answer> complete(List<Model.Request> requests) {
      return timed(() -> model.complete(requests));
    }

    @Override
    public CompletionSession session(int concurrency) {
      CompletionSession session = timed(() -> model.session(concurrency));
      return new CompletionSession() {
        @Override
        public void submit(long key, Model.Request request) {
          session.submit(key, request);
        }

        @Override
        public List<Finished> advance() {
          return timed(session::advance);
        }

        @Override
        public void close() {
          session.close();
        }
      };
    }

    private <T> T timed(Supplier<T> work) {
      long begin = System.nanoTime();
      T result = work.get();
      nanoseconds += System.nanoTime() - begin;
      return result;
    }
  }
}
