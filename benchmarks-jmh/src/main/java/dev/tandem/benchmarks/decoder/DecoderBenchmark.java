package dev.tandem.benchmarks.decoder;

import dev.tandem.benchmarks.measure.Check;
import dev.tandem.trainer.grpo.GlobalCounts;
import dev.tandem.trainer.grpo.PolicyBatch;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.learn.AdamWSettings;
import dev.tandem.trainer.model.learn.Gradients;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.sampling.Sample;
import dev.tandem.trainer.model.sampling.SampleRequest;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.model.torch.Precision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
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
 * The decoder's four kinds of work on all cores, in tokens a second. Scoring and training count
 * every token of a row, prompt and response; sampling counts the sampled ones.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class DecoderBenchmark {
  /** So small that the weights stay where they are over any number of steps. */
  private static final double LEARNING_RATE = 1e-7;

  private static final double MAX_GRAD_NORM = 1;

  @Param public DecoderWorkload model = DecoderWorkload.HOUSE;

  /** Rows of a batch. */
  @Param({"16", "64"})
  public int batch = 16;

  /** Such as BFLOAT16, with {@code -p precision=BFLOAT16}. */
  @Param("FLOAT32")
  public Precision precision = Precision.FLOAT32;

  /** Whether training lays records out without padding. */
  @Param("true")
  public boolean packing = true;

  /** Whether training computes layers again in the backward pass. */
  @Param("false")
  public boolean recompute;

  private Decoder decoder;
  private Optimiser optimiser;
  private List<int[]> rows;
  private List<TrainRecord> records;
  private List<SampleRequest> requests;
  private double[] behaviourLogProbs;
  private double[] advantages;

  /** What a second's work amounts to. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Counters {
    public long tokens;
  }

  @Setup
  public void open() {
    SplittableRandom random = new SplittableRandom(1);
    int cores = Runtime.getRuntime().availableProcessors();
    Execution execution = Execution.cpu(cores).withPrecision(precision);
    decoder =
        Decoder.initialise(
            model.spec(),
            random.nextLong(),
            execution.withTrainingMemory(
                execution.trainingMemory().withPacking(packing).withRecomputation(recompute)));
    optimiser = decoder.newOptimiser(AdamWSettings.defaults());
    rows = new ArrayList<>();
    records = new ArrayList<>();
    requests = new ArrayList<>();
    for (int row = 0; row < batch; row++) {
      int[] prompt = randomIds(model.promptTokens(), random);
      int[] response = randomIds(model.responseTokens(), random);
      rows.add(IntStream.concat(Arrays.stream(prompt), Arrays.stream(response)).toArray());
      records.add(TrainRecord.unconstrained(prompt, response));
      requests.add(
          new SampleRequest(
              prompt,
              model.responseTokens(),
              /* temperature= */ 1,
              random.nextLong(),
              /* stopIds= */ new int[0],
              List.of()));
    }
    behaviourLogProbs = doubles(decoder.scoreRecords(records));
    advantages = DoubleStream.generate(random::nextDouble).limit(batch).map(u -> u - 0.5).toArray();
  }

  private int[] randomIds(int count, SplittableRandom random) {
    return random.ints(count, 0, decoder.spec().vocabularySize()).toArray();
  }

  @TearDown
  public void close() {
    decoder.close();
  }

  /** Log-probabilities of whole rows, without a gradient. */
  @Benchmark
  public float[][] score(Counters counters) {
    float[][] logProbs = decoder.score(rows);
    Check.that(logProbs.length == batch, "%d rows were scored of %d", logProbs.length, batch);
    for (float[] row : logProbs) {
      Check.that(row.length == model.rowTokens() - 1, "a row has %d scores", row.length);
      Check.finite(row);
    }
    counters.tokens += rowTokens();
    return logProbs;
  }

  /** Sampling at temperature 1, every response to its full length. */
  @Benchmark
  public List<Sample> sample(Counters counters) {
    List<Sample> samples = decoder.sample(requests);
    Check.that(samples.size() == batch, "%d of %d were sampled", samples.size(), batch);
    for (Sample sample : samples) {
      int length = sample.tokens().length;
      Check.that(length == model.responseTokens(), "a response has %d tokens", length);
      Check.finite(sample.logProbs());
    }
    counters.tokens += (long) batch * model.responseTokens();
    return samples;
  }

  /** The warm start's step: cross-entropy, backward, clip and AdamW. */
  @Benchmark
  public double supervisedStep(Counters counters) {
    double loss = decoder.trainStep(records, optimiser, LEARNING_RATE, MAX_GRAD_NORM).loss();
    Check.that(Double.isFinite(loss) && loss > 0, "the loss is %s", loss);
    counters.tokens += rowTokens();
    return loss;
  }

  /** GRPO's step: forward, the loss and its derivative in Java, backward, clip and AdamW. */
  @Benchmark
  public double policyStep(Counters counters) {
    PolicyBatch batch = PolicyBatch.of(offsets(), behaviourLogProbs, behaviourLogProbs, advantages);
    try (Gradients gradients = decoder.newGradients()) {
      decoder.differentiate(records, PolicyGradient.of(batch, GlobalCounts.of(batch)), gradients);
      double norm = optimiser.step(gradients, LEARNING_RATE, MAX_GRAD_NORM);
      Check.that(Double.isFinite(norm) && norm > 0, "the gradient's norm is %s", norm);
      counters.tokens += rowTokens();
      return norm;
    }
  }

  private long rowTokens() {
    return (long) batch * model.rowTokens();
  }

  private int[] offsets() {
    return IntStream.rangeClosed(0, batch).map(row -> row * model.responseTokens()).toArray();
  }

  private static double[] doubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }
}
