package dev.tandem.benchmarks.decoder;

import dev.tandem.benchmarks.measure.Check;
import dev.tandem.trainer.grpo.GlobalCounts;
import dev.tandem.trainer.grpo.PolicyBatch;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.learn.AdamWSettings;
import dev.tandem.trainer.model.learn.Gradients;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.learn.TokenLoss;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.shape.Architecture;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.shape.RotaryEmbedding;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.model.torch.LossHead;
import dev.tandem.trainer.model.torch.Precision;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
 * Whole training steps of a decoder that is nearly all vocabulary, on all cores: our kernels
 * between logits and loss, and libtorch's operators. 16 records of 32 and 64 tokens, two layers of
 * width 128.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LossHeadBenchmark {
  private static final int ROWS = 16;
  private static final int PROMPT = 32;
  private static final int RESPONSE = 64;

  /** So small that the weights stay where they are over any number of steps. */
  private static final double LEARNING_RATE = 1e-7;

  private static final double MAX_GRAD_NORM = 1;

  @Param({"16384", "32000", "151936"})
  public int vocabulary = 16_384;

  @Param public LossHead head = LossHead.KERNELS;

  /** Such as BFLOAT16, with {@code -p precision=BFLOAT16}. */
  @Param("FLOAT32")
  public Precision precision = Precision.FLOAT32;

  private Decoder decoder;
  private Optimiser optimiser;
  private List<TrainRecord> records;
  private TokenLoss loss;

  @Setup
  public void open() {
    SplittableRandom random = new SplittableRandom(1);
    int cores = Runtime.getRuntime().availableProcessors();
    Execution execution = Execution.cpu(cores).withPrecision(precision).withLossHead(head);
    decoder = Decoder.initialise(spec(), random.nextLong(), execution);
    optimiser = decoder.newOptimiser(AdamWSettings.defaults());
    records =
        Stream.generate(() -> TrainRecord.unconstrained(ids(PROMPT, random), ids(RESPONSE, random)))
            .limit(ROWS)
            .toList();
    float[] scored = decoder.scoreRecords(records);
    double[] behaviour = IntStream.range(0, scored.length).mapToDouble(i -> scored[i]).toArray();
    PolicyBatch batch =
        PolicyBatch.of(
            IntStream.rangeClosed(0, ROWS).map(row -> row * RESPONSE).toArray(),
            behaviour,
            behaviour,
            random.doubles(ROWS, -1, 1).toArray());
    loss = PolicyGradient.of(batch, GlobalCounts.of(batch));
  }

  private ModelSpec spec() {
    return new ModelSpec(
        Architecture.QWEN3,
        vocabulary,
        /* hiddenSize= */ 128,
        /* layers= */ 2,
        /* attentionHeads= */ 4,
        /* keyValueHeads= */ 2,
        /* headDimension= */ 32,
        /* mlpSize= */ 256,
        /* maxPositions= */ 512,
        /* normEpsilon= */ 1e-6,
        /* tiedEmbeddings= */ true,
        new RotaryEmbedding(10_000, new RotaryEmbedding.Unscaled()),
        /* initializerRange= */ 0.02);
  }

  private int[] ids(int count, SplittableRandom random) {
    return random.ints(count, 0, vocabulary).toArray();
  }

  @TearDown
  public void close() {
    optimiser.close();
    decoder.close();
  }

  /** GRPO's step: forward, the clipped loss, backward, clip and AdamW. */
  @Benchmark
  public double policyStep() {
    try (Gradients gradients = decoder.newGradients()) {
      decoder.differentiate(records, loss, gradients);
      return checked(optimiser.step(gradients, LEARNING_RATE, MAX_GRAD_NORM));
    }
  }

  /** Cross-entropy, backward, clip and AdamW. */
  @Benchmark
  public double supervisedStep() {
    return checked(
        decoder.trainStep(records, optimiser, LEARNING_RATE, MAX_GRAD_NORM).gradientNorm());
  }

  private static double checked(double norm) {
    Check.that(Double.isFinite(norm) && norm > 0, "the gradient's norm is %s", norm);
    return norm;
  }
}
