package dev.tandem.benchmarks.kernels;

import dev.tandem.benchmarks.measure.Check;
import dev.tandem.benchmarks.measure.Flops;
import dev.tandem.benchmarks.measure.Traffic;
import dev.tandem.kernels.Kernels;
import dev.tandem.kernels.operation.ArrayElement;
import dev.tandem.kernels.operation.Matrix;
import dev.tandem.kernels.operation.SelectedLogProbs;
import dev.tandem.kernels.operation.Values;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The log-probability of one chosen token per row of float32 logits, by who computes it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LogProbsBenchmark {
  /** Beyond the exponential: the distance, two comparisons, two blends, a sum and a product. */
  private static final long FLOPS_PER_LOGIT = Flops.EXPONENTIAL + 8;

  private static final int CHECKED_ROWS = 16;
  private static final double TOLERANCE = 1e-4;

  @Param public ComparedBackend backend = ComparedBackend.SCALAR;

  @Param({"1x32000", "4096x128", "1024x32000", "256x151936"})
  public String shape = "4096x128";

  private Arena arena;
  private LogitsShape logitsShape;
  private LogProbs logProbs;

  /** Draws the logits and compares the backend with the scalar oracle. */
  @Setup
  public void prepare() {
    arena = Arena.ofShared();
    logitsShape = LogitsShape.parse(shape);
    Matrix logits = logits(arena, logitsShape);
    int[] ids =
        new SplittableRandom(2).ints(logitsShape.tokens(), 0, logitsShape.vocabulary()).toArray();
    logProbs = LogProbs.by(backend, logits, ids);
    int rows = Math.min(CHECKED_ROWS, logitsShape.tokens());
    float[] expected = new float[rows];
    Kernels.scalar()
        .run(
            new SelectedLogProbs(
                logits.slice(0, rows),
                Values.of(ids).slice(0, rows),
                1,
                Values.of(expected),
                null,
                null));
    float[] actual = logProbs.compute();
    for (int row = 0; row < rows; row++) {
      Check.that(
          Math.abs(actual[row] - expected[row]) <= TOLERANCE,
          "%s gives %s for row %d, and the scalar kernels %s",
          backend,
          actual[row],
          row,
          expected[row]);
    }
  }

  /** Float32 logits with the spread of a language model's. */
  static Matrix logits(Arena arena, LogitsShape shape) {
    Matrix logits = Matrix.allocate(arena, ArrayElement.F32, shape.tokens(), shape.vocabulary());
    SplittableRandom random = new SplittableRandom(1);
    for (long i = 0; i < shape.size(); i++) {
      float logit = 6 * (random.nextFloat() + random.nextFloat() - 1);
      logits.segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, logit);
    }
    return logits;
  }

  @TearDown
  public void free() {
    logProbs.close();
    arena.close();
  }

  /** All rows once. */
  @Benchmark
  public float[] forward(Traffic traffic) {
    traffic.add(logitsShape.bytes(), FLOPS_PER_LOGIT * logitsShape.size());
    return logProbs.compute();
  }
}
