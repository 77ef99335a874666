package dev.tandem.benchmarks.kernels;

import dev.tandem.benchmarks.measure.Check;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.Warmup;

/** GRPO's advantages of 4,096 rewards, by the size of their groups and by who computes them. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AdvantagesBenchmark {
  private static final int REWARDS = 4096;
  private static final double TOLERANCE = 1e-6;

  @Param public AdvantagesBackend backend = AdvantagesBackend.SCALAR;

  @Param({"8", "16", "32", "64"})
  public int groupSize = 8;

  private double[] rewards;
  private AdvantagesBackend.Normaliser normaliser;

  /** Draws the rewards and compares the backend with the scalar oracle. */
  @Setup
  public void prepare() {
    rewards = new SplittableRandom(1).doubles(REWARDS).toArray();
    int groups = REWARDS / groupSize;
    normaliser = backend.normaliser(groups, groupSize);
    double[] expected = AdvantagesBackend.SCALAR.normaliser(groups, groupSize).normalise(rewards);
    double[] actual = normaliser.normalise(rewards);
    Check.that(actual.length == REWARDS, "%s gives %d advantages", backend, actual.length);
    for (int i = 0; i < REWARDS; i++) {
      double difference = Math.abs(actual[i] - expected[i]);
      Check.that(
          difference <= TOLERANCE,
          "%s gives %s for reward %d, and the scalar kernels %s",
          backend,
          actual[i],
          i,
          expected[i]);
    }
  }

  /** All groups once. */
  @Benchmark
  public double[] normalise() {
    return normaliser.normalise(rewards);
  }
}
