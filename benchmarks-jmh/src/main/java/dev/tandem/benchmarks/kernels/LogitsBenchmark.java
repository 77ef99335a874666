package dev.tandem.benchmarks.kernels;

import dev.tandem.benchmarks.measure.Check;
import dev.tandem.benchmarks.measure.Flops;
import dev.tandem.benchmarks.measure.Traffic;
import dev.tandem.kernels.Kernels;
import dev.tandem.kernels.operation.ArrayElement;
import dev.tandem.kernels.operation.ClipBounds;
import dev.tandem.kernels.operation.ClippedPolicyLoss;
import dev.tandem.kernels.operation.FusedPolicyLoss;
import dev.tandem.kernels.operation.KlPenalty;
import dev.tandem.kernels.operation.Matrix;
import dev.tandem.kernels.operation.PolicySum;
import dev.tandem.kernels.operation.PolicyTerms;
import dev.tandem.kernels.operation.PolicyTokens;
import dev.tandem.kernels.operation.SampleTokens;
import dev.tandem.kernels.operation.SamplingRule;
import dev.tandem.kernels.operation.SelectedLogProbs;
import dev.tandem.kernels.operation.SelectedLogProbsBackward;
import dev.tandem.kernels.operation.Values;
import java.lang.foreign.Arena;
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

/**
 * The operations over logits that have no counterpart in one call elsewhere. Those that write over
 * their logits go on with what they wrote: it is as many numbers, and no less work.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LogitsBenchmark {
  private static final long BACKWARD_FLOPS = Flops.EXPONENTIAL + 7;
  private static final long FORWARD_FLOPS = Flops.EXPONENTIAL + 8;

  @Param({"SCALAR", "VECTOR_API"})
  public ComparedBackend backend = ComparedBackend.SCALAR;

  @Param({"4096x128", "64x32000", "16x151936"})
  public String shape = "4096x128";

  private Arena arena;
  private LogitsShape logitsShape;
  private Kernels kernels;
  private SelectedLogProbsBackward backward;
  private FusedPolicyLoss fused;
  private SampleTokens inverseCdf;
  private SampleTokens gumbelMax;
  private SampleTokens nucleus;

  /** Makes the operations over one set of logits. */
  @Setup
  public void prepare() {
    arena = Arena.ofShared();
    logitsShape = LogitsShape.parse(shape);
    kernels = backend.kernels();
    Matrix logits = LogProbsBenchmark.logits(arena, logitsShape);
    int tokens = logitsShape.tokens();
    SplittableRandom random = new SplittableRandom(2);
    Values ids = Values.allocate(arena, ArrayElement.I32, tokens);
    Values derivatives = floats(tokens);
    Values behaviour = floats(tokens);
    Values advantages = floats(tokens);
    for (int row = 0; row < tokens; row++) {
      ids.setLong(row, random.nextInt(logitsShape.vocabulary()));
      derivatives.set(row, random.nextDouble(-1, 1));
      advantages.set(row, random.nextDouble(-1, 1));
      behaviour.set(row, -Math.log(logitsShape.vocabulary()));
    }
    Values logSumExps = Values.allocate(arena, ArrayElement.F64, tokens);
    Values logProbs = floats(tokens);
    kernels.run(new SelectedLogProbs(logits, ids, 1, logProbs, null, logSumExps));
    inverseCdf = sampling(logits, SamplingRule.PLAIN);
    gumbelMax = sampling(logits, new SamplingRule(1, 0, 1, 0, SamplingRule.Draw.GUMBEL_MAX));
    nucleus = sampling(logits, new SamplingRule(1, 50, 0.95, 0, SamplingRule.Draw.INVERSE_CDF));
    // The way back is over a copy, so that samplers keep their distribution.
    Matrix copy = Matrix.allocate(arena, ArrayElement.F32, tokens, logitsShape.vocabulary());
    copy.segment().copyFrom(logits.segment());
    backward = new SelectedLogProbsBackward(copy, ids, 1, logSumExps, derivatives, null, null);
    Matrix another = Matrix.allocate(arena, ArrayElement.F32, tokens, logitsShape.vocabulary());
    another.segment().copyFrom(logits.segment());
    fused =
        new FusedPolicyLoss(
            another,
            ids,
            1,
            new ClippedPolicyLoss(
                logProbs,
                new PolicyTokens(behaviour, null, advantages, null, null, null),
                // So wide that no token is ever left out.
                new ClipBounds(1, 1e30, Double.POSITIVE_INFINITY),
                KlPenalty.MEASURED,
                new PolicyTerms(
                    null,
                    null,
                    null,
                    floats(tokens),
                    Values.allocate(arena, ArrayElement.F64, PolicySum.COUNT))));
  }

  private Values floats(int size) {
    return Values.allocate(arena, ArrayElement.F32, size);
  }

  private SampleTokens sampling(Matrix logits, SamplingRule rule) {
    Values positions = Values.allocate(arena, ArrayElement.I64, logits.rows());
    for (long row = 0; row < logits.rows(); row++) {
      positions.setLong(row, row);
    }
    return new SampleTokens(
        logits,
        Values.allocate(arena, ArrayElement.I64, logits.rows()),
        positions,
        rule,
        Values.allocate(arena, ArrayElement.I32, logits.rows()),
        floats(logitsShape.tokens()));
  }

  @TearDown
  public void free() {
    arena.close();
  }

  /** From derivatives of log-probabilities to those of logits, in place. */
  @Benchmark
  public double backward(Traffic traffic) {
    kernels.run(backward);
    traffic.add(2 * logitsShape.bytes(), BACKWARD_FLOPS * logitsShape.size());
    return finite(backward.logits().row(0).get(0));
  }

  /** From logits to the loss and to the gradient over them, in place. */
  @Benchmark
  public double fusedLoss(Traffic traffic) {
    kernels.run(fused);
    traffic.add(2 * logitsShape.bytes(), (FORWARD_FLOPS + BACKWARD_FLOPS) * logitsShape.size());
    return finite(PolicySum.LOSS.of(fused.loss().terms().sums()));
  }

  /** One token per row from the whole distribution, by one number per row. */
  @Benchmark
  public long sampleInverseCdf(Traffic traffic) {
    return sample(inverseCdf, traffic);
  }

  /** One token per row from the whole distribution, by one number per vocabulary entry. */
  @Benchmark
  public long sampleGumbelMax(Traffic traffic) {
    return sample(gumbelMax, traffic);
  }

  /** One token per row from the 50 largest, and of these the nucleus of 95%. */
  @Benchmark
  public long sampleNucleus(Traffic traffic) {
    return sample(nucleus, traffic);
  }

  private long sample(SampleTokens operation, Traffic traffic) {
    kernels.run(operation);
    traffic.add(logitsShape.bytes(), 0);
    long token = operation.tokens().getLong(0);
    Check.that(token >= 0 && token < logitsShape.vocabulary(), "token %d was drawn", token);
    return token;
  }

  private static double finite(double value) {
    Check.that(Double.isFinite(value), "a result is %s", value);
    return value;
  }
}
