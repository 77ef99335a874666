package dev.tandem.trainer.model;

import ai.djl.pytorch.engine.PtNDArray;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Native tensors in the order of a {@link WeightLayout}: a model's weights, their gradients or
 * optimiser moments.
 */
final class Weights {

  private final WeightLayout layout;
  private final PtNDArray[] tensors;

  private Weights(WeightLayout layout, PtNDArray[] tensors) {
    this.layout = layout;
    this.tensors = tensors;
  }

  /** Tensors of 32 bits that exist already; they stay their owner's to close. */
  static Weights of(WeightLayout layout, PtNDArray[] tensors) {
    return new Weights(layout, tensors);
  }

  WeightLayout layout() {
    return layout;
  }

  /** The native tensors, in the program's order; not to be changed. */
  PtNDArray[] tensors() {
    return tensors;
  }

  /** All zeros. */
  static Weights zeros(WeightLayout layout, Scope scope) {
    PtNDArray[] tensors =
        layout.natives().stream()
            .map(one -> scope.zeros(one.dimensions()))
            .toArray(PtNDArray[]::new);
    return new Weights(layout, tensors);
  }

  /** Fused from the checkpoint's tensors, which must be exactly the layout's. */
  static Weights fuse(WeightLayout layout, Map<String, float[]> byName, Scope scope) {
    float[][] natives =
        layout.natives().stream().map(one -> new float[one.elements()]).toArray(float[][]::new);
    for (WeightLayout.Slot slot : layout.slots()) {
      float[] values = byName.get(slot.name());
      if (values == null) {
        throw new IllegalArgumentException("no values for " + slot.name());
      }
      System.arraycopy(values, 0, natives[slot.nativeIndex()], slot.offset(), slot.elements());
    }
    PtNDArray[] tensors = new PtNDArray[natives.length];
    for (int i = 0; i < tensors.length; i++) {
      tensors[i] = scope.floats(natives[i], layout.natives().get(i).dimensions());
    }
    return new Weights(layout, tensors);
  }

  /** The checkpoint's tensors in the order of their names. */
  Map<String, float[]> split() {
    float[][] natives = new float[tensors.length][];
    for (int i = 0; i < natives.length; i++) {
      natives[i] = toArray(tensors[i]);
    }
    Map<String, float[]> byName = new LinkedHashMap<>();
    for (WeightLayout.Slot slot : layout.slotsByName()) {
      float[] values = new float[slot.elements()];
      System.arraycopy(natives[slot.nativeIndex()], slot.offset(), values, 0, values.length);
      byName.put(slot.name(), values);
    }
    return byName;
  }

  /** Copies; later changes of this one don't reach the copy. */
  Weights copy(Scope scope) {
    return fuse(layout, split(), scope);
  }

  private static float[] toArray(PtNDArray tensor) {
    ByteBuffer bytes = tensor.toByteBuffer().order(ByteOrder.nativeOrder());
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return values;
  }

  void close() {
    List.of(tensors).forEach(PtNDArray::close);
  }
}
