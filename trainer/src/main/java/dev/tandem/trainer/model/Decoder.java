package dev.tandem.trainer.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A decoder-only language model in native memory: it scores, samples, differentiates, learns and
 * saves.
 *
 * <p>Batches are ragged; padding is handled inside and does not change results beyond rounding.
 * Equal calls give equal bits on one machine. Calls may come from any thread, but none may run
 * while an {@link Optimiser} steps.
 */
public final class Decoder implements AutoCloseable {

  private final DecoderRuntime runtime;
  private final Differentiation differentiation;

  private Decoder(ModelSpec spec, Execution execution, Function<Scope, Weights> weights) {
    runtime = new DecoderRuntime(spec, execution, weights);
    differentiation = new Differentiation(runtime);
  }

  private static Decoder of(ModelSpec spec, Execution execution, TensorSource source) {
    WeightLayout layout = WeightLayout.of(spec);
    return new Decoder(
        spec, execution, scope -> Weights.load(layout, source, ElementType.F32, scope));
  }

  /**
   * Loads config.json and the safetensors files of a Hugging Face directory.
   *
   * @throws CheckpointException when a file is missing, damaged, or does not match config.json
   */
  public static Decoder load(Path directory, Execution execution) {
    ModelSpec spec = ModelSpec.read(directory.resolve("config.json"));
    try (CheckpointWeights weights = CheckpointWeights.open(directory, spec)) {
      return of(spec, execution, weights);
    }
  }

  /**
   * Makes fresh weights: norm gains 1, biases 0, all else normal(0, initializerRange) drawn from
   * {@code seed}.
   */
  public static Decoder initialise(ModelSpec spec, long seed, Execution execution) {
    return of(spec, execution, new FreshWeights(spec, seed));
  }

  /**
   * Returns a decoder with the same weights and its own memory, such as a frozen reference policy.
   */
  public Decoder copy() {
    return new Decoder(spec(), runtime.execution(), runtime.weights()::copy);
  }

  /** The decoder's shape. */
  public ModelSpec spec() {
    return runtime.spec();
  }

  DecoderRuntime runtime() {
    return runtime;
  }

  /** Writes model.safetensors in single precision; equal weights give equal bytes. */
  public void saveWeights(Path directory) {
    saveWeights(directory, WeightFormat.SINGLE);
  }

  /**
   * Writes the weights into {@code directory}, in place of any that are there: a reader finds the
   * old ones or the new ones, whole, whenever it looks.
   */
  public void saveWeights(Path directory, WeightFormat format) {
    WeightFiles.write(directory, runtime.weights().byName(format.type()), format.maxShardBytes());
  }

  /**
   * Returns the SHA-256 in hexadecimal of all tensors' bytes (little endian) in the order of their
   * names.
   */
  public String weightsSha256() {
    return runtime.weights().sha256();
  }

  /**
   * Returns for each row log p(id[i + 1] | ids up to i), one value less than the row has ids.
   *
   * @throws DecoderInputException when a row is empty, too long, or has an id outside the
   *     vocabulary
   */
  public float[][] score(List<int[]> rows) {
    InputChecks.rows(spec(), rows);
    return differentiation.scoreRows(rows);
  }

  /**
   * Returns the response tokens' log-probabilities, [tokens] in the order of the records, without
   * keeping anything for a gradient.
   *
   * @throws DecoderInputException when a record does not fit the model
   */
  public float[] scoreRecords(List<TrainRecord> records) {
    InputChecks.records(spec(), records);
    return differentiation.score(records);
  }

  /**
   * Samples one response per request, in the order of the requests.
   *
   * @throws DecoderInputException when a request does not fit the model
   */
  public List<Sample> sample(List<SampleRequest> requests) {
    InputChecks.requests(spec(), requests);
    Sample[] samples = new Sample[requests.size()];
    List<SamplingChunk> chunks =
        SamplingChunk.cut(requests, runtime.execution().samplingChunkTokens());
    RotaryTable table =
        runtime.rotaryFor(chunks.stream().mapToInt(SamplingChunk::positions).max().orElse(1));
    runtime
        .workers()
        .forEachInOrder(
            chunks,
            chunk ->
                Map.entry(chunk, chunk.run(runtime.module(), table, runtime.weights().tensors())),
            served -> {
              int[] indices = served.getKey().indices();
              for (int i = 0; i < indices.length; i++) {
                samples[indices[i]] = served.getValue().get(i);
              }
            });
    return List.of(samples);
  }

  /** Returns gradient sums for this decoder's weights, all zero. */
  public Gradients newGradients() {
    return new Gradients(runtime.zeros());
  }

  /**
   * Computes the response tokens' log-probabilities and keeps what their gradient needs.
   *
   * @throws DecoderInputException when a record does not fit the model
   */
  public ForwardPass forward(List<TrainRecord> records) {
    InputChecks.records(spec(), records);
    return differentiation.forward(records);
  }

  /**
   * Adds the gradient of {@code scale * sum(-log p)} over all response tokens to {@code into}.
   * Memory is bounded by the chunks at work, not by the batch.
   *
   * @return the unscaled sum of -log p in nats
   * @throws DecoderInputException when a record does not fit the model
   */
  public double accumulateCrossEntropy(List<TrainRecord> records, double scale, Gradients into) {
    InputChecks.records(spec(), records);
    return differentiation.crossEntropy(records, scale, into);
  }

  /**
   * Takes one supervised step down the mean of -log p over all response tokens: behaviour cloning.
   *
   * @param optimiser one that was made for this decoder
   * @throws DecoderInputException when a record does not fit the model, or there is none
   * @throws NonFiniteGradientException when the gradient is not finite; the weights are unchanged
   */
  public TrainStep trainStep(
      List<TrainRecord> records, Optimiser optimiser, double learningRate, double maxGradientNorm) {
    if (records.isEmpty()) {
      throw new DecoderInputException("the batch is empty; give at least one record");
    }
    InputChecks.records(spec(), records);
    return differentiation.trainStep(records, optimiser, learningRate, maxGradientNorm);
  }

  /** Waits for running calls and frees the native memory. */
  @Override
  public void close() {
    runtime.close();
  }
}
