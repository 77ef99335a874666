package dev.tandem.benchmarks.kernels;

import dev.tandem.benchmarks.measure.Check;
import dev.tandem.benchmarks.measure.Traffic;
import dev.tandem.kernels.Kernels;
import dev.tandem.kernels.operation.AdamW;
import dev.tandem.kernels.operation.ArrayElement;
import dev.tandem.kernels.operation.ClipBounds;
import dev.tandem.kernels.operation.ClippedPolicyLoss;
import dev.tandem.kernels.operation.Convert;
import dev.tandem.kernels.operation.GroupNormalisation;
import dev.tandem.kernels.operation.ImportanceWeights;
import dev.tandem.kernels.operation.KlEstimator;
import dev.tandem.kernels.operation.KlPenalty;
import dev.tandem.kernels.operation.MaskedWhitening;
import dev.tandem.kernels.operation.NormaliseGroups;
import dev.tandem.kernels.operation.Operation;
import dev.tandem.kernels.operation.PolicySum;
import dev.tandem.kernels.operation.PolicyTerms;
import dev.tandem.kernels.operation.PolicyTokens;
import dev.tandem.kernels.operation.Values;
import java.lang.foreign.Arena;
import java.util.List;
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

/** The element-wise and reducing operations, on float32 arrays off the heap. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TokensBenchmark {
  private static final int GROUP = 16;

  @Param({"SCALAR", "VECTOR_API"})
  public ComparedBackend backend = ComparedBackend.SCALAR;

  @Param({"4096", "1048576"})
  public int size = 4096;

  private final SplittableRandom random = new SplittableRandom(1);
  private Arena arena;
  private Kernels kernels;
  private NormaliseGroups normalise;
  private ClippedPolicyLoss clippedLoss;
  private ImportanceWeights importanceWeights;
  private MaskedWhitening whiten;
  private AdamW adamW;
  private Convert toBFloat16;

  /** Makes the operations and runs each once against the oracle's outputs. */
  @Setup
  public void prepare() {
    arena = Arena.ofShared();
    kernels = backend.kernels();
    Values mask = Values.allocate(arena, ArrayElement.BOOL, size);
    Values offsets = Values.allocate(arena, ArrayElement.I32, size / GROUP + 1);
    for (int i = 0; i < size; i++) {
      mask.setLong(i, random.nextInt(4));
    }
    for (int group = 0; group < offsets.size(); group++) {
      offsets.setLong(group, (long) GROUP * group);
    }
    normalise =
        new NormaliseGroups(
            uniform(0, 1),
            offsets,
            GroupNormalisation.MEAN_STD,
            1e-6,
            output(),
            Values.allocate(arena, ArrayElement.I64, 1));
    clippedLoss =
        new ClippedPolicyLoss(
            uniform(-3, 0),
            new PolicyTokens(
                uniform(-3, 0), uniform(-3, 0), uniform(-1, 1), mask, uniform(0, 1), null),
            new ClipBounds(0.2, 0.28, 3),
            new KlPenalty(KlEstimator.K3, 0.01),
            new PolicyTerms(
                output(),
                output(),
                output(),
                output(),
                Values.allocate(arena, ArrayElement.F64, PolicySum.COUNT)));
    importanceWeights =
        new ImportanceWeights(
            uniform(-3, 0), uniform(-3, 0), ImportanceWeights.Bound.TRUNCATED, 2, output());
    whiten = new MaskedWhitening(uniform(-1, 1), mask, 1e-8, output());
    adamW =
        new AdamW(
            List.of(
                new AdamW.Tensor(
                    uniform(-1, 1), uniform(-1, 1), uniform(-0.1, 0.1), uniform(0, 0.1), true)),
            new AdamW.Settings(0.9, 0.95, 1e-8, 0.1),
            1e-5,
            1,
            10);
    toBFloat16 = new Convert(uniform(-1, 1), Values.allocate(arena, ArrayElement.BF16, size));
    check(normalise, normalise.normalised());
    check(clippedLoss, clippedLoss.terms().gradient());
    check(importanceWeights, importanceWeights.weights());
    check(whiten, whiten.whitened());
    check(toBFloat16, toBFloat16.to());
  }

  private Values output() {
    return Values.allocate(arena, ArrayElement.F32, size);
  }

  private Values uniform(double from, double to) {
    Values values = output();
    for (int i = 0; i < size; i++) {
      values.set(i, random.nextDouble(from, to));
    }
    return values;
  }

  private void check(Operation operation, Values output) {
    Kernels.scalar().run(operation);
    double[] expected = new double[size];
    for (int i = 0; i < size; i++) {
      expected[i] = output.get(i);
      output.set(i, Double.NaN);
    }
    kernels.run(operation);
    for (int i = 0; i < size; i++) {
      double error = Math.abs(output.get(i) - expected[i]);
      Check.that(
          error <= 1e-5 * Math.max(1, Math.abs(expected[i])),
          "%s is off by %s at %d",
          operation.getClass().getSimpleName(),
          error,
          i);
    }
  }

  @TearDown
  public void free() {
    arena.close();
  }

  /** Groups of 16: mean, deviation, then every member. */
  @Benchmark
  public double normaliseGroups(Traffic traffic) {
    return run(normalise, normalise.normalised(), 8, traffic);
  }

  /** Five inputs, a mask, four outputs and seven sums. */
  @Benchmark
  public double clippedLoss(Traffic traffic) {
    return run(clippedLoss, clippedLoss.terms().gradient(), 37, traffic);
  }

  /** Two inputs and one output. */
  @Benchmark
  public double importanceWeights(Traffic traffic) {
    return run(importanceWeights, importanceWeights.weights(), 12, traffic);
  }

  /** Mean and variance in a mask, then every value. */
  @Benchmark
  public double whiten(Traffic traffic) {
    return run(whiten, whiten.whitened(), 9, traffic);
  }

  /** Four inputs, of which three are written back. */
  @Benchmark
  public double adamW(Traffic traffic) {
    return run(adamW, adamW.tensors().getFirst().parameters(), 28, traffic);
  }

  /** Float32 to bfloat16. */
  @Benchmark
  public double toBFloat16(Traffic traffic) {
    return run(toBFloat16, toBFloat16.to(), 6, traffic);
  }

  private double run(Operation operation, Values output, int bytesPerElement, Traffic traffic) {
    kernels.run(operation);
    traffic.add((long) bytesPerElement * size, 0);
    double result = output.get(size - 1L);
    Check.that(Double.isFinite(result), "a result is %s", result);
    return result;
  }
}
