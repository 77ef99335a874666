package dev.tandem.trainer.model.learn;

import ai.djl.pytorch.engine.PtNDArray;
import dev.tandem.trainer.model.runtime.DecoderRuntime;
import dev.tandem.trainer.model.shape.WeightLayout;
import dev.tandem.trainer.model.weights.FusedTensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sums of gradients of what learns in a decoder: all its weights, or its adapter's. {@code
 * Decoder.newGradients()} makes one, all zeros.
 */
public final class Gradients implements AutoCloseable {

  private final DecoderRuntime runtime;
  private final PtNDArray[] sums;

  public Gradients(DecoderRuntime runtime) {
    this.runtime = runtime;
    sums = runtime.zeros();
  }

  public PtNDArray[] sums() {
    return sums;
  }

  /** Returns the Euclidean norm of every tensor's gradient, by the tensor's checkpoint name. */
  public Map<String, Double> norms() {
    List<WeightLayout.Slot> slots = runtime.parameters().learningLayout().slotsByName();
    double[] values =
        runtime
            .calls()
            .doubles(
                "range_norms",
                call ->
                    call.tensors(sums)
                        .integers(slots.stream().mapToLong(slot -> slot.nativeIndex()).toArray())
                        .integers(slots.stream().mapToLong(slot -> slot.offset()).toArray())
                        .integers(slots.stream().mapToLong(slot -> slot.elements()).toArray()));
    Map<String, Double> norms = new LinkedHashMap<>();
    for (int i = 0; i < values.length; i++) {
      norms.put(slots.get(i).name(), values[i]);
    }
    return norms;
  }

  /**
   * Returns a copy of every tensor's gradient in row-major order, by the tensor's checkpoint name.
   */
  public Map<String, float[]> values() {
    return runtime.parameters().readLearning(sums, FusedTensors::split);
  }

  /** Frees the native memory. */
  @Override
  public void close() {
    List.of(sums).forEach(PtNDArray::close);
  }
}
