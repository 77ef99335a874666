package dev.tandem.benchmarks.decoder;

import ai.djl.pytorch.jni.JniUtils;
import dev.tandem.benchmarks.measure.Check;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.sampling.Sample;
import dev.tandem.trainer.model.sampling.SampleRequest;
import dev.tandem.trainer.model.sampling.SamplingRule;
import dev.tandem.trainer.model.sampling.StopRule;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.torch.Execution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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

/**
 * Decoding 128 new tokens greedily from short prompts with the 3.4-million-parameter model, on two
 * threads: Tandem's program against the same decoder in DJL's own API. The tokens are equal.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 5, time = 3)
public class DecodeBenchmark {
  private static final int THREADS = 2;
  private static final int PROMPT_TOKENS = 16;

  /** Sequences at once. */
  @Param({"1", "16", "64"})
  public int batch = 1;

  /** Most new tokens; the figures are for 128. */
  int newTokens = 128;

  private Path folder;
  private Decoder decoder;
  private Decoder wideOperators;
  private NdArrayDecoder ndArrays;
  private List<int[]> prompts;
  private List<SampleRequest> requests;

  @Setup
  public void open() throws IOException {
    ModelSpec spec = DecoderWorkload.MEDIUM.spec();
    folder = Files.createTempDirectory("tandem-decode");
    decoder = Decoder.initialise(spec, 1, Execution.cpu(THREADS));
    wideOperators = Decoder.initialise(spec, 1, oneWorker());
    decoder.saveWeights(folder);
    JniUtils.setNumThreads(THREADS);
    ndArrays = new NdArrayDecoder(spec, folder.resolve("model.safetensors"));
    SplittableRandom random = new SplittableRandom(1);
    prompts = new ArrayList<>();
    requests = new ArrayList<>();
    for (int row = 0; row < batch; row++) {
      int[] prompt = random.ints(PROMPT_TOKENS, 0, spec.vocabularySize()).toArray();
      prompts.add(prompt);
      requests.add(
          new SampleRequest(prompt, newTokens, SamplingRule.GREEDY, row, StopRule.NONE, List.of()));
    }
    int[][] theirs = ndArrays.generate(prompts, newTokens);
    List<Sample> ours = decoder.sample(requests);
    for (int row = 0; row < batch; row++) {
      Check.that(
          Arrays.equals(theirs[row], ours.get(row).tokens()), "row %d has other tokens", row);
    }
  }

  /** Tandem: one native call runs many steps. */
  @Benchmark
  public List<Sample> torchScript(DecoderBenchmark.Counters counters) {
    List<Sample> samples = decoder.sample(requests);
    Check.that(samples.getLast().tokens().length == newTokens, "a response is too short");
    counters.tokens += (long) batch * newTokens;
    return samples;
  }

  /**
   * Tandem with one worker whose operators use both threads: one sequence has nothing else to share
   * out.
   */
  @Benchmark
  public List<Sample> torchScriptOneWorker(DecoderBenchmark.Counters counters) {
    List<Sample> samples = wideOperators.sample(requests);
    Check.that(samples.getLast().tokens().length == newTokens, "a response is too short");
    counters.tokens += (long) batch * newTokens;
    return samples;
  }

  private static Execution oneWorker() {
    Execution usual = Execution.cpu(1);
    return new Execution(
        usual.device(),
        1,
        THREADS,
        usual.trainingChunkTokens(),
        usual.samplingChunkTokens(),
        usual.matrixLibrary());
  }

  /** DJL's API: one native call per operator. */
  @Benchmark
  public int[][] ndArrays(DecoderBenchmark.Counters counters) {
    int[][] tokens = ndArrays.generate(prompts, newTokens);
    Check.that(tokens[batch - 1].length == newTokens, "a response is too short");
    counters.tokens += (long) batch * newTokens;
    return tokens;
  }

  @TearDown
  public void close() throws IOException {
    ndArrays.close();
    decoder.close();
    wideOperators.close();
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
