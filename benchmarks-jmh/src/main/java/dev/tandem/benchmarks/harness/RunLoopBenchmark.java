package dev.tandem.benchmarks.harness;

import dev.tandem.benchmarks.measure.Check;
import dev.tandem.harness.Harness;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.event.Budget;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.EpisodeRunner;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.rollout.house.processor.HouseProcessors;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the harness itself costs: one step of an episode under all ten built-in processors, with a
 * model that answers at once and a world that does nothing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RunLoopBenchmark {
  private static final int STEPS = 50;

  private static final ProcessorRegistry REGISTRY =
      ProcessorRegistry.builtIn().with(HouseProcessors.types());

  /** All that a search may put into a harness of House. */
  private final Harness harness =
      Harness.compile(
          new HarnessConfig(
              REGISTRY.searchable().stream().map(type -> ProcessorSpec.of(type.id())).toList()),
          REGISTRY);

  private final StaticWorld.Scenery scenery = new StaticWorld.Scenery(STEPS);

  /** An episode of 50 steps; the score is that of one step. */
  @Benchmark
  @OperationsPerInvocation(STEPS)
  public Episode tenProcessors() {
    Episode episode =
        EpisodeRunner.run(
            harness,
            new StaticWorld(scenery),
            RunLoopBenchmark::answer,
            new Budget(STEPS, 1, Long.MAX_VALUE),
            1);
    Check.that(
        episode.exitReason() == ExitReason.STEP_BUDGET && episode.steps().size() == STEPS,
        "the episode ended after %d steps with %s %s",
        episode.steps().size(),
        episode.exitReason(),
        episode.detail());
    return episode;
  }

  /** The first of the choices that {@code admissible_commands} leaves. */
  private static Model.Completion answer(Model.Request request) {
    return new Model.Completion(request.choices().getFirst(), TokenTrace.NONE);
  }
}
