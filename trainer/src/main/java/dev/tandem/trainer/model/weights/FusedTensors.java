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
import java.util.function.IntFunction;

/**
 * Native tensors in the order of a {@link WeightLayout}: a model's weights, their gradients or
 * optimiser moments.
 */
public final class FusedTensors {

  private final WeightLayout layout;
  private final ElementType type;
  private final PtNDArray[] tensors;
  private final IntFunction<PtNDArray> natives;

  private FusedTensors(WeightLayout layout, ElementType type, PtNDArray[] tensors) {
    this(layout, type, tensors, i -> tensors[i]);
  }

  private FusedTensors(
      WeightLayout layout, ElementType type, PtNDArray[] tensors, IntFunction<PtNDArray> natives) {
    this.layout = layout;
    this.type = type;
    this.tensors = tensors;
    this.natives = natives;
  }

  public WeightLayout layout() {
    return layout;
  }

  /** The native tensors, in the program's order; not to be changed. */
  public PtNDArray[] tensors() {
    return tensors;
  }

  /** Tensors that exist already; they stay their owner's to close. */
  public static FusedTensors of(WeightLayout layout, ElementType type, PtNDArray[] tensors) {
    return new FusedTensors(layout, type, tensors);
  }

  /** Tensors that are made when they are read; they can be written to files and to digests. */
  public static FusedTensors made(
      WeightLayout layout, ElementType type, IntFunction<PtNDArray> natives) {
    return new FusedTensors(layout, type, new PtNDArray[0], natives);
  }

  /** Moves tensors that exist to another scope, which frees them from then on. */
  public FusedTensors movedTo(TensorScope scope) {
    scope.adopt(tensors);
    return this;
  }

  /**
   * Fused from the layout's tensors, which are asked for in the order of their names, one at a
   * time. Values go straight to their place in native memory, converted on the way.
   */
  public static FusedTensors load(
      WeightLayout layout, TensorSource source, ElementType type, TensorScope scope) {
    FusedTensors weights = allocate(layout, type, scope);
    for (WeightLayout.Slot slot : layout.slotsByName()) {
      source.lend(slot.name(), stored -> weights.store(slot, stored));
    }
    return weights;
  }

  private void store(WeightLayout.Slot slot, StoredTensor stored) {
    if (stored.elements() != slot.elements()) {
      throw new IllegalArgumentException(
          "%s has %d elements where the model has %d"
              .formatted(slot.name(), stored.elements(), slot.elements()));
    }
    TensorTransfer.shared().store(stored, tensors[slot.nativeIndex()], slot.offset());
  }

  /** Copies, in another type if it is one; later changes of this one don't reach the copy. */
  public FusedTensors copy(ElementType as, TensorScope scope) {
    FusedTensors copy = allocate(layout, as, scope);
    for (int i = 0; i < tensors.length; i++) {
      TensorTransfer.shared().copy(tensors[i], copy.tensors[i]);
    }
    return copy;
  }

  /** What the tensors' elements are. */
  public ElementType type() {
    return type;
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
                    natives.apply(slot.nativeIndex()),
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

  /** SHA-256 in hexadecimal of all tensors' bytes, as singles, in the order of their names. */
  public String sha256() {
    return TensorDigest.sha256(byName(ElementType.F32));
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
