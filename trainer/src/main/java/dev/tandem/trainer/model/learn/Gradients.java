package dev.tandem.trainer.model.learn;

import ai.djl.pytorch.engine.PtNDArray;
import dev.tandem.trainer.model.runtime.DecoderRuntime;
import dev.tandem.trainer.model.shape.WeightLayout;
import dev.tandem.trainer.model.weights.FusedTensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Sums of gradients of what learns in a decoder: all its weights, or its adapter's. {@code
 * Decoder.newGradients()} makes one, all zeros; worth keeping from step to step.
 */
public final class Gradients implements AutoCloseable {

  private final DecoderRuntime runtime;
  private final PtNDArray[] sums;

  /** Sums of chunks that were computed, all zero, for chunks to come. */
  private final Queue<PtNDArray[]> spare = new ConcurrentLinkedQueue<>();

  public Gradients(DecoderRuntime runtime) {
    this.runtime = runtime;
    sums = runtime.zeros();
  }

  public PtNDArray[] sums() {
    return sums;
  }

  /** Sums of a chunk's own, all zero. */
  PtNDArray[] lend() {
    PtNDArray[] used = spare.poll();
    return used == null ? runtime.zeros() : used;
  }

  /** Adds a chunk's sums and takes them back. */
  void add(PtNDArray[] lent) {
    runtime.calls().change("drain", call -> call.tensors(sums).tensors(lent));
    spare.add(lent);
  }

  /** Sets all to zero, as the optimiser does after a step. */
  public void clear() {
    runtime.calls().change("clear", call -> call.tensors(sums));
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
    spare.forEach(one -> List.of(one).forEach(PtNDArray::close));
  }
}
