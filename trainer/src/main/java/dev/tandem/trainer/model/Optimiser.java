package dev.tandem.trainer.model;

import ai.djl.pytorch.engine.PtNDArray;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * AdamW over a decoder's weights (Loshchilov and Hutter 2019), fused: one native call clips the
 * gradients and steps every tensor. Closing the decoder frees it.
 */
public final class Optimiser {
  private static final String MEAN = "mean.";
  private static final String SQUARE = "square.";
  private static final String STEPS = "steps";

  private final Decoder decoder;
  private final OptimiserSettings settings;
  private final long[] matrices;
  private final long[] vectors;
  private Weights means;
  private Weights squares;
  private PtNDArray[] steps;

  public Optimiser(Decoder decoder, OptimiserSettings settings) {
    this.decoder = decoder;
    this.settings = settings;
    WeightLayout layout = decoder.weights().layout();
    this.matrices = indices(layout, true);
    this.vectors = indices(layout, false);
    this.means = Weights.zeros(layout, decoder.module().scope());
    this.squares = Weights.zeros(layout, decoder.module().scope());
    this.steps = counters(0);
  }

  private static long[] indices(WeightLayout layout, boolean matrix) {
    return IntStream.range(0, layout.natives().size())
        .filter(i -> layout.natives().get(i).isMatrix() == matrix)
        .asLongStream()
        .toArray();
  }

  /** AdamW's step count, which libtorch wants once per tensor. */
  private PtNDArray[] counters(float count) {
    PtNDArray[] counters = new PtNDArray[decoder.weights().layout().natives().size()];
    Arrays.setAll(counters, i -> decoder.module().scope().floats(new float[] {count}));
    return counters;
  }

  /**
   * One step down the gradient. The gradients are used up: they come back scaled.
   *
   * @param maxGradNorm the gradients are scaled down to this global norm if theirs is larger
   * @return the global norm before clipping
   */
  public double step(Gradients gradients, double learningRate, double maxGradNorm) {
    return decoder
        .workers()
        .call(
            () -> {
              try (Scope scope = decoder.module().scope().open()) {
                return (double)
                    decoder
                        .module()
                        .inference("step")
                        .tensors(decoder.weights().tensors())
                        .tensors(gradients.sums().tensors())
                        .tensors(means.tensors())
                        .tensors(squares.tensors())
                        .tensors(steps)
                        .integers(matrices)
                        .integers(vectors)
                        .real(learningRate)
                        .real(settings.beta1())
                        .real(settings.beta2())
                        .real(settings.epsilon())
                        .real(settings.weightDecay())
                        .real(maxGradNorm)
                        .run(scope)
                        .getFirst()
                        .toFloatArray()[0];
              }
            });
  }

  /**
   * One supervised step: cross-entropy of the responses, backward, clip and AdamW.
   *
   * @return the loss before the step, nats per response token
   */
  public double trainStep(List<TrainRecord> records, double learningRate, double maxGradNorm) {
    long tokens = records.stream().mapToLong(record -> record.response().length).sum();
    try (Gradients gradients = decoder.newGradients()) {
      double loss = decoder.accumulateCrossEntropy(records, 1.0 / tokens, gradients) / tokens;
      step(gradients, learningRate, maxGradNorm);
      return loss;
    }
  }

  /** Writes moments and step count as safetensors; equal states give equal bytes. */
  public void save(Path file) {
    Map<String, SafetensorsWriter.Tensor> tensors = new TreeMap<>();
    Map<String, WeightLayout.Slot> slots = slots();
    means
        .split()
        .forEach(
            (name, values) ->
                tensors.put(MEAN + name, tensor(Objects.requireNonNull(slots.get(name)), values)));
    squares
        .split()
        .forEach(
            (name, values) ->
                tensors.put(
                    SQUARE + name, tensor(Objects.requireNonNull(slots.get(name)), values)));
    tensors.put(STEPS, new SafetensorsWriter.Tensor(new long[] {1}, steps[0].toFloatArray()));
    SafetensorsWriter.write(file, tensors, Map.of());
  }

  private Map<String, WeightLayout.Slot> slots() {
    Map<String, WeightLayout.Slot> slots = new HashMap<>();
    decoder.weights().layout().slots().forEach(slot -> slots.put(slot.name(), slot));
    return slots;
  }

  private static SafetensorsWriter.Tensor tensor(WeightLayout.Slot slot, float[] values) {
    return new SafetensorsWriter.Tensor(slot.dimensions(), values);
  }

  /**
   * Goes on from a saved state.
   *
   * @throws CheckpointException if the file is missing, damaged, or of another model
   */
  public void restore(Path file) {
    WeightLayout layout = decoder.weights().layout();
    Map<String, float[]> savedMeans = new HashMap<>();
    Map<String, float[]> savedSquares = new HashMap<>();
    float count;
    try (Safetensors tensors = Safetensors.open(file)) {
      for (WeightLayout.Slot slot : layout.slots()) {
        savedMeans.put(slot.name(), read(tensors, MEAN + slot.name(), slot.shape()));
        savedSquares.put(slot.name(), read(tensors, SQUARE + slot.name(), slot.shape()));
      }
      count = read(tensors, STEPS, List.of(1L))[0];
    }
    means.close();
    squares.close();
    List.of(steps).forEach(PtNDArray::close);
    means = Weights.fuse(layout, savedMeans, decoder.module().scope());
    squares = Weights.fuse(layout, savedSquares, decoder.module().scope());
    steps = counters(count);
  }

  private static float[] read(Safetensors tensors, String name, List<Long> shape) {
    Safetensors.Entry entry = tensors.entries().get(name);
    if (entry == null || !entry.shape().equals(shape)) {
      throw new CheckpointException(
          tensors.file(),
          "has no tensor %s of shape %s; use the optimiser state saved with these weights"
              .formatted(name, shape));
    }
    return tensors.read(name);
  }
}
