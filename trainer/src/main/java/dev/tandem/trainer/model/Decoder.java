package dev.tandem.trainer.model;

import ai.djl.pytorch.engine.PtNDArray;
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

  private final ModelSpec spec;
  private final Execution execution;
  private final ScriptModule module;
  private final Workers workers;
  private final Weights weights;
  private RotaryTable rotary;

  private Decoder(ModelSpec spec, Execution execution, Map<String, float[]> values) {
    this.spec = spec;
    this.execution = execution;
    boolean oneDnn = !execution.device().isGpu();
    module =
        ScriptModule.load(
            DecoderProgram.CLASS_NAME, DecoderProgram.emit(spec, oneDnn), execution.device());
    workers = new Workers(execution.workers(), execution.threadsPerWorker());
    weights = Weights.fuse(WeightLayout.of(spec), values, module.scope());
    rotary = RotaryTable.create(spec, Math.min(spec.maxPositions(), 256), module.scope());
    workers.call(
        () -> module.differentiable("track").tensors(weights.tensors()).run(module.scope()));
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
   * Returns a decoder with the same weights and its own memory, such as a frozen reference policy.
   */
  public Decoder copy() {
    return new Decoder(spec, execution, weights.split());
  }

  /** The decoder's shape. */
  public ModelSpec spec() {
    return spec;
  }

  /** Writes model.safetensors into {@code directory}; equal weights give equal bytes. */
  public void saveWeights(Path directory) {
    CheckpointWeights.write(directory, weights);
  }

  /**
   * Returns the SHA-256 in hexadecimal of all tensors' bytes (little endian) in the order of their
   * names.
   */
  public String weightsSha256() {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
    for (float[] values : weights.split().values()) {
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
    List<TrainRecord> records =
        rows.stream()
            .filter(row -> row.length > 1)
            .map(
                row ->
                    TrainRecord.unconstrained(
                        new int[] {row[0]}, Arrays.copyOfRange(row, 1, row.length)))
            .toList();
    float[] flat = score(records, "score");
    float[][] result = new float[rows.size()][];
    int from = 0;
    for (int i = 0; i < result.length; i++) {
      int length = rows.get(i).length;
      if (length == 0) {
        throw new DecoderInputException("row %d is empty; give at least one token".formatted(i));
      }
      InputChecks.ids(spec, "row", i, rows.get(i));
      result[i] = Arrays.copyOfRange(flat, from, from + length - 1);
      from += length - 1;
    }
    return result;
  }

  /**
   * Returns the response tokens' log-probabilities without keeping anything for a gradient,
   * [tokens].
   */
  public float[] scoreRecords(List<TrainRecord> records) {
    return score(records, "record");
  }

  private float[] score(List<TrainRecord> records, String noun) {
    InputChecks.records(spec, noun, records);
    float[] logProbs = new float[tokens(records)];
    List<ScoringChunk> chunks = ScoringChunk.cut(records, execution.trainingChunkTokens());
    RotaryTable table = rotaryFor(records);
    workers.forEachInOrder(
        chunks,
        chunk -> {
          try (Scope scope = module.scope().open()) {
            float[] values =
                scored(module.inference("score"), chunk, scope, table).getFirst().toFloatArray();
            return Map.entry(chunk, values);
          }
        },
        scored -> scored.getKey().scatter(scored.getValue(), logProbs));
    return logProbs;
  }

  /**
   * Samples one response per request, in the order of the requests.
   *
   * @throws DecoderInputException when a request does not fit the model
   */
  public List<Sample> sample(List<SampleRequest> requests) {
    InputChecks.requests(spec, requests);
    Sample[] samples = new Sample[requests.size()];
    List<SamplingChunk> chunks = SamplingChunk.cut(requests, execution.samplingChunkTokens());
    RotaryTable table =
        rotaryFor(chunks.stream().mapToInt(SamplingChunk::positions).max().orElse(1));
    workers.forEachInOrder(
        chunks,
        chunk -> Map.entry(chunk, chunk.run(module, table, weights.tensors())),
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
    return new Gradients(Weights.zeros(weights.layout(), module.scope()));
  }

  /**
   * Computes the response tokens' log-probabilities and keeps what their gradient needs.
   *
   * @throws DecoderInputException when a record does not fit the model
   */
  public ForwardPass forward(List<TrainRecord> records) {
    InputChecks.records(spec, "record", records);
    List<ScoringChunk> chunks = ScoringChunk.cut(records, execution.trainingChunkTokens());
    RotaryTable table = rotaryFor(records);
    List<ForwardPass.Held> held =
        workers.map(
            chunks,
            chunk -> {
              Scope scope = module.scope().open();
              List<PtNDArray> result = scored(module.differentiable("score"), chunk, scope, table);
              return new ForwardPass.Held(chunk, scope, result.get(0), result.get(1));
            });
    return new ForwardPass(this, held, tokens(records));
  }

  void backward(List<ForwardPass.Held> held, float[] lossByLogProb, Gradients into) {
    workers.<ForwardPass.Held, List<PtNDArray>>forEachInOrder(
        held,
        one -> {
          float[] upstream = one.chunk().gather(lossByLogProb);
          Scope scope = one.scope();
          return module
              .differentiable("gradients")
              .tensor(one.logProbs())
              .tensor(scope.floats(upstream, upstream.length))
              .tensors(weights.tensors())
              .run(scope);
        },
        gradients -> accumulate(gradients, into));
  }

  /**
   * Adds the gradient of {@code scale * sum(-log p)} over all response tokens to {@code into}, one
   * native call per chunk; memory is bounded by the chunks at work, not by the batch.
   *
   * @return the unscaled sum of -log p in nats
   */
  public double accumulateCrossEntropy(List<TrainRecord> records, double scale, Gradients into) {
    InputChecks.records(spec, "record", records);
    List<ScoringChunk> chunks = ScoringChunk.cut(records, execution.trainingChunkTokens());
    RotaryTable table = rotaryFor(records);
    double[] sum = {0};
    workers.<ScoringChunk, List<PtNDArray>>forEachInOrder(
        chunks,
        chunk -> {
          try (Scope scope = module.scope().open()) {
            return chunk
                .arguments(module.differentiable("cross_entropy"), scope)
                .tensor(table.cosines())
                .tensor(table.sines())
                .tensors(weights.tensors())
                .real(scale)
                .run(module.scope());
          }
        },
        result -> {
          PtNDArray loss = result.getFirst();
          sum[0] += loss.toDoubleArray()[0];
          loss.close();
          accumulate(result.subList(1, result.size()), into);
        });
    return sum[0];
  }

  private void accumulate(List<PtNDArray> gradients, Gradients into) {
    try (Scope scope = module.scope().open()) {
      module
          .inference("accumulate")
          .tensors(into.sums().tensors())
          .tensors(gradients.toArray(PtNDArray[]::new))
          .run(scope);
    }
    gradients.forEach(PtNDArray::close);
  }

  private List<PtNDArray> scored(
      ScriptModule.Call call, ScoringChunk chunk, Scope scope, RotaryTable table) {
    return chunk
        .arguments(call, scope)
        .tensor(table.cosines())
        .tensor(table.sines())
        .tensors(weights.tensors())
        .run(scope);
  }

  private static int tokens(List<TrainRecord> records) {
    return records.stream().mapToInt(record -> record.response().length).sum();
  }

  private RotaryTable rotaryFor(List<TrainRecord> records) {
    return rotaryFor(
        records.stream()
            .mapToInt(record -> record.prompt().length + record.response().length)
            .max()
            .orElse(1));
  }

  /** The table grows by doubling; superseded tables are small and live as long as the decoder. */
  private synchronized RotaryTable rotaryFor(int positions) {
    if (positions > rotary.positions()) {
      int grown = Math.min(spec.maxPositions(), Math.max(positions, 2 * rotary.positions()));
      rotary = RotaryTable.create(spec, grown, module.scope());
    }
    return rotary;
  }

  /** Waits for running calls and frees the native memory. */
  @Override
  public void close() {
    workers.close();
    module.close();
  }
}
