package dev.tandem.trainer.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

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

  private Decoder(ModelSpec spec, Execution execution, Map<String, float[]> values) {
    this(spec, execution, values, Optional.empty());
  }

  private Decoder(
      ModelSpec spec, Execution execution, Map<String, float[]> values, Optional<Adapter> adapter) {
    runtime = new DecoderRuntime(spec, execution, values, adapter);
    differentiation = new Differentiation(runtime);
  }

  /**
   * Loads config.json and the safetensors files of a Hugging Face directory.
   *
   * @throws CheckpointException when a file is missing, damaged, or does not match config.json
   */
  public static Decoder load(Path directory, Execution execution) {
    ModelSpec spec = ModelSpec.read(directory.resolve("config.json"));
    return new Decoder(spec, execution, CheckpointWeights.read(directory, spec));
  }

  /**
   * Makes fresh weights: norm gains 1, biases 0, all else normal(0, initializerRange) drawn from
   * {@code seed}.
   */
  public static Decoder initialise(ModelSpec spec, long seed, Execution execution) {
    Map<String, float[]> values = new HashMap<>();
    RandomGenerator random = new SplittableRandom(seed);
    for (WeightLayout.Slot slot : WeightLayout.of(spec).slotsByName()) {
      float[] tensor = new float[slot.elements()];
      if (slot.isMatrix()) {
        for (int i = 0; i < tensor.length; i++) {
          tensor[i] = (float) (random.nextGaussian() * spec.initializerRange());
        }
      } else if (slot.name().endsWith("norm.weight")) {
        Arrays.fill(tensor, 1);
      }
      values.put(slot.name(), tensor);
    }
    return new Decoder(spec, execution, values);
  }

  /**
   * Returns a decoder with the same weights and its own memory, such as a frozen reference policy;
   * an adapter is copied as one.
   */
  public Decoder copy() {
    return copy(runtime.execution());
  }

  /** The same on another device or in another arithmetic. */
  public Decoder copy(Execution execution) {
    return new Decoder(
        spec(), execution, runtime.parameters().readFrozen(Weights::split), adapter());
  }

  private Optional<Adapter> adapter() {
    Parameters parameters = runtime.parameters();
    return runtime
        .lora()
        .map(
            lora ->
                new Adapter(lora, parameters.readLearning(parameters.masters(), Weights::split)));
  }

  /**
   * Returns a decoder with its own memory that computes the same as this one, and in which only a
   * fresh LoRA adapter learns. This decoder's own adapter is merged first.
   *
   * @param seed decides the adapter's first values
   */
  public Decoder withAdapter(LoraSettings lora, long seed) {
    return withAdapter(Adapter.fresh(spec(), lora, seed));
  }

  /**
   * Returns a decoder like this one with an adapter from a folder in PEFT's layout.
   *
   * @throws CheckpointException when the adapter is damaged, belongs to another shape of model, or
   *     asks for something that is not computed here
   */
  public Decoder withAdapter(Path directory) {
    return withAdapter(AdapterFiles.read(directory, spec()));
  }

  Decoder withAdapter(Adapter adapter) {
    return new Decoder(
        spec(),
        runtime.execution(),
        runtime.parameters().read(Weights::split),
        Optional.of(adapter));
  }

  /** Returns a decoder with its own memory, without an adapter, that computes the same. */
  public Decoder merged() {
    return new Decoder(spec(), runtime.execution(), runtime.parameters().read(Weights::split));
  }

  /** The adapter's settings; empty when all weights learn. */
  public Optional<LoraSettings> lora() {
    return runtime.lora();
  }

  /**
   * Writes adapter_config.json and adapter_model.safetensors into {@code directory}, as PEFT does.
   *
   * @param base name of the model that the adapter belongs to, for whoever loads it
   * @throws IllegalStateException when the decoder has no adapter
   */
  public void saveAdapter(Path directory, String base) {
    AdapterFiles.write(
        directory,
        base,
        spec(),
        adapter()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "the decoder has no adapter to save; call withAdapter first")));
  }

  /** The decoder's shape. */
  public ModelSpec spec() {
    return runtime.spec();
  }

  DecoderRuntime runtime() {
    return runtime;
  }

  /**
   * Writes model.safetensors into {@code directory}, an adapter merged; equal weights give equal
   * bytes.
   */
  public void saveWeights(Path directory) {
    runtime
        .parameters()
        .read(
            weights -> {
              CheckpointWeights.write(directory, weights);
              return weights;
            });
  }

  /**
   * Returns the SHA-256 in hexadecimal of all tensors' bytes (little endian) in the order of their
   * names, an adapter merged.
   */
  public String weightsSha256() {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
    for (float[] values : runtime.parameters().read(Weights::split).values()) {
      ByteBuffer bytes =
          ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(values);
      digest.update(bytes);
    }
    return HexFormat.of().formatHex(digest.digest());
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
   * Like {@link #scoreRecords} without the adapter: the frozen weights are a reference policy that
   * takes no memory of its own. The same as {@code scoreRecords} when there is no adapter.
   */
  public float[] scoreFrozen(List<TrainRecord> records) {
    InputChecks.records(spec(), records);
    return differentiation.scoreFrozen(records);
  }

  /** What a batch's records cost in tokens when they are scored or differentiated. */
  public TokenCost cost(List<TrainRecord> records) {
    List<ScoringChunk> chunks = runtime.cut(records);
    return new TokenCost(
        chunks.stream().mapToLong(ScoringChunk::inputTokens).sum(),
        chunks.stream().mapToLong(ScoringChunk::computedTokens).sum());
  }

  /**
   * Samples one response per request, in the order of the requests.
   *
   * @throws DecoderInputException when a request does not fit the model
   */
  public List<Sample> sample(List<SampleRequest> requests) {
    InputChecks.requests(spec(), requests);
    if (requests.isEmpty()) {
      return List.of();
    }
    Sample[] samples = new Sample[requests.size()];
    try (SamplingSession session = samplingSession(requests.size())) {
      for (int i = 0; i < samples.length; i++) {
        session.submit(i, requests.get(i));
      }
      session.drain().forEach(one -> samples[(int) one.key()] = one.sample());
    }
    return List.of(samples);
  }

  /**
   * Opens a running batch that requests join and leave, with the present weights.
   *
   * @param sequences how many requests will be in it at once; more wait
   */
  public SamplingSession samplingSession(int sequences) {
    return samplingSession(sequences, samplingLimits());
  }

  /** The limits that suit this decoder. */
  public SamplingLimits samplingLimits() {
    return SamplingLimits.defaults(spec(), runtime.execution().device());
  }

  /** Opens a running batch with limits of its own. */
  public SamplingSession samplingSession(int sequences, SamplingLimits limits) {
    return new SamplingSession(runtime, limits, sequences);
  }

  /** Returns gradient sums for what learns in this decoder, all zero. */
  public Gradients newGradients() {
    return new Gradients(runtime);
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
