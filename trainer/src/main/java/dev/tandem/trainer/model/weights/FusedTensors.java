package dev.tandem.trainer.model.weights;

import ai.djl.pytorch.engine.PtNDArray;
import dev.tandem.trainer.model.file.ElementType;
import dev.tandem.trainer.model.file.SafetensorsWriter;
import dev.tandem.trainer.model.file.StoredTensor;
import dev.tandem.trainer.model.file.TensorDigest;
import dev.tandem.trainer.model.file.TensorSource;
import dev.tandem.trainer.model.shape.WeightLayout;
import dev.tandem.trainer.model.torch.TensorScope;
import dev.tandem.trainer.model.torch.TensorTransfer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Native tensors in the order of a {@link WeightLayout}: a model's weights, their gradients or
 * optimiser moments.
 */
public final class FusedTensors {

  private final WeightLayout layout;
  private final ElementType type;
  private final PtNDArray[] tensors;

  private FusedTensors(WeightLayout layout, ElementType type, PtNDArray[] tensors) {
    this.layout = layout;
    this.type = type;
    this.tensors = tensors;
  }

  public WeightLayout layout() {
    return layout;
  }

  /** The native tensors, in the program's order; not to be changed. */
  public PtNDArray[] tensors() {
    return tensors;
  }

  /** Singles that exist already; they stay their owner's to close. */
  public static FusedTensors of(WeightLayout layout, PtNDArray[] tensors) {
    return new FusedTensors(layout, ElementType.F32, tensors);
  }

  /**
   * Fused from the layout's tensors, which are asked for in the order of their names, one at a
   * time. Values go straight to their place in native memory, converted on the way.
   */
  public static FusedTensors load(
      WeightLayout layout, TensorSource source, ElementType type, TensorScope scope) {
    FusedTensors weights = allocate(layout, type, scope);
    for (WeightLayout.Slot slot : layout.slotsByName()) {
      StoredTensor stored = source.tensor(slot.name());
      if (stored.elements() != slot.elements()) {
        throw new IllegalArgumentException(
            "%s has %d elements where the model has %d"
                .formatted(slot.name(), stored.elements(), slot.elements()));
      }
      TensorTransfer.shared().store(stored, weights.tensors[slot.nativeIndex()], slot.offset());
    }
    return weights;
  }

  /** Copies; later changes of this one don't reach the copy. */
  public FusedTensors copy(TensorScope scope) {
    FusedTensors copy = allocate(layout, type, scope);
    for (int i = 0; i < tensors.length; i++) {
      TensorTransfer.shared().copy(tensors[i], copy.tensors[i]);
    }
    return copy;
  }

  private static FusedTensors allocate(WeightLayout layout, ElementType type, TensorScope scope) {
    PtNDArray[] tensors =
        layout.natives().stream()
            .map(one -> TensorTransfer.shared().allocate(one.dimensions(), type, scope))
            .toArray(PtNDArray[]::new);
    return new FusedTensors(layout, type, tensors);
  }

  /** One of the checkpoint's tensors, to be written to a file as {@code written}. */
  SafetensorsWriter.Tensor tensor(WeightLayout.Slot slot, ElementType written) {
    return new SafetensorsWriter.Tensor(
        written,
        slot.shape(),
        sink ->
            TensorTransfer.shared()
                .fetch(
                    tensors[slot.nativeIndex()],
                    slot.offset(),
                    slot.offset() + slot.elements(),
                    written,
                    sink));
  }

  /** All of the checkpoint's tensors by name, to be written to a file as {@code written}. */
  public Map<String, SafetensorsWriter.Tensor> byName(ElementType written) {
    Map<String, SafetensorsWriter.Tensor> byName = new LinkedHashMap<>();
    for (WeightLayout.Slot slot : layout.slotsByName()) {
      byName.put(slot.name(), tensor(slot, written));
    }
    return byName;
  }

  /**
   * Copies of the checkpoint's tensors on the heap, in the order of their names. For small models;
   * what streams is {@link #byName}.
   */
  public Map<String, float[]> split() {
    Map<String, float[]> byName = new LinkedHashMap<>();
    for (WeightLayout.Slot slot : layout.slotsByName()) {
      float[] values = new float[Math.toIntExact(slot.elements())];
      int[] filled = {0};
      write(
          tensor(slot, ElementType.F32),
          bytes -> {
            int count = bytes.remaining() / Float.BYTES;
            bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values, filled[0], count);
            filled[0] += count;
          });
      byName.put(slot.name(), values);
    }
    return byName;
  }

  /** SHA-256 in hexadecimal of all tensors' bytes in the order of their names. */
  public String sha256() {
    return TensorDigest.sha256(byName(type));
  }

  private static void write(SafetensorsWriter.Tensor tensor, SafetensorsWriter.Sink sink) {
    try {
      tensor.content().writeTo(sink);
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot fail to be read", e);
    }
  }

  public void close() {
    List.of(tensors).forEach(PtNDArray::close);
  }
}
