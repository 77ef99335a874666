package dev.tandem.trainer.model.runtime;

import ai.djl.pytorch.engine.PtNDArray;
import dev.tandem.trainer.model.shape.AdapterLayout;
import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.shape.WeightLayout;
import dev.tandem.trainer.model.torch.NativeCalls;
import dev.tandem.trainer.model.torch.Precision;
import dev.tandem.trainer.model.torch.TensorScope;
import dev.tandem.trainer.model.torch.TensorTransfer;
import dev.tandem.trainer.model.weights.FusedTensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A decoder's tensors: what the program reads, what of it learns, and the masters that the
 * optimiser writes.
 *
 * <p>In {@link Precision#FLOAT32} and {@link Precision#FLOAT64} the program reads the masters
 * themselves. In {@link Precision#BFLOAT16} it reads copies, made again after every step; frozen
 * tensors have no master, only the copy.
 */
public final class Parameters {

  /** Tensors of one layout as the program reads them, and as they are kept. */
  @SuppressWarnings("ArrayRecordComponent") // handles, never compared
  private record Held(WeightLayout layout, PtNDArray[] read, PtNDArray[] kept) {}

  private final NativeCalls calls;
  private final Precision precision;
  private final Held base;
  private final Optional<LoraSettings> lora;
  private final Held learning;
  private final PtNDArray[] program;

  Parameters(
      ModelSpec spec,
      Precision precision,
      FusedTensors weights,
      Optional<LoraSettings> lora,
      Optional<FusedTensors> adapter,
      NativeCalls calls) {
    this.calls = calls;
    this.precision = precision;
    this.lora = lora;
    base = hold(weights, lora.isEmpty());
    learning = adapter.map(one -> hold(one, true)).orElse(base);
    program =
        lora.map(one -> interleave(spec, base.read(), learning.read(), one)).orElse(base.read());
    calls.change("track", call -> call.tensors(learning.read()));
  }

  /**
   * What another decoder reads: its frozen tensors themselves, and a copy of what learns in it.
   *
   * @param calls of the decoder that reads this
   */
  Parameters(Parameters live, ModelSpec spec, NativeCalls calls) {
    this.calls = calls;
    precision = live.precision;
    lora = live.lora;
    PtNDArray[] copies =
        calls.converted(live.learning(), precision.computeType(), calls.module().scope());
    learning = new Held(live.learningLayout(), copies, copies);
    base = lora.isPresent() ? live.base : learning;
    program = lora.map(one -> interleave(spec, base.read(), copies, one)).orElse(copies);
  }

  /** Takes over what learns in another decoder, as it is now. */
  void follow(PtNDArray[] others) {
    for (int i = 0; i < others.length; i++) {
      TensorTransfer.shared().copy(others[i], learning.read()[i]);
    }
  }

  private Held hold(FusedTensors weights, boolean learns) {
    PtNDArray[] loaded = weights.tensors();
    boolean keepsLoaded =
        switch (precision) {
          case FLOAT32 -> true;
          case BFLOAT16 -> learns;
          case FLOAT64 -> false;
        };
    PtNDArray[] read =
        precision == Precision.FLOAT32
            ? loaded
            : calls.converted(loaded, precision.computeType(), calls.module().scope());
    if (!keepsLoaded) {
      weights.close();
    }
    return new Held(weights.layout(), read, keepsLoaded ? loaded : read);
  }

  /** Puts each block's adapter after the block's own tensors, where the program looks for it. */
  private static PtNDArray[] interleave(
      ModelSpec spec, PtNDArray[] base, PtNDArray[] adapter, LoraSettings lora) {
    int perBlock = AdapterLayout.tensorsPerBlock(lora);
    int ends = spec.tiedEmbeddings() ? 2 : 3; // embedding, final norm, head
    int own = (base.length - ends) / spec.layers();
    List<PtNDArray> all = new ArrayList<>();
    all.add(base[0]);
    for (int layer = 0; layer < spec.layers(); layer++) {
      all.addAll(Arrays.asList(base).subList(1 + layer * own, 1 + (layer + 1) * own));
      all.addAll(Arrays.asList(adapter).subList(layer * perBlock, (layer + 1) * perBlock));
    }
    all.addAll(Arrays.asList(base).subList(1 + spec.layers() * own, base.length));
    return all.toArray(PtNDArray[]::new);
  }

  /** What the program reads, in its order. */
  public PtNDArray[] program() {
    return program;
  }

  /** What a program without the adapter reads. */
  public PtNDArray[] frozenProgram() {
    return base.read();
  }

  /** Where each tensor that learns lives among {@link #masters}. */
  public WeightLayout learningLayout() {
    return learning.layout();
  }

  /** The tensors that learn, as the program reads them. */
  public PtNDArray[] learning() {
    return learning.read();
  }

  /** The tensors that the optimiser writes. */
  public PtNDArray[] masters() {
    return learning.kept();
  }

  /**
   * Reads the whole model's weights in 32 bits, an adapter merged into them.
   *
   * @param reader must not keep the weights
   */
  public <R> R read(Function<FusedTensors, R> reader) {
    try (TensorScope scope = calls.module().scope().open()) {
      PtNDArray[] tensors = lora.map(one -> merged(one, scope)).orElse(base.kept());
      return reader.apply(single(base.layout(), tensors, scope));
    }
  }

  /** Reads the frozen weights in 32 bits, without the adapter. */
  <R> R readFrozen(Function<FusedTensors, R> reader) {
    try (TensorScope scope = calls.module().scope().open()) {
      return reader.apply(single(base.layout(), base.kept(), scope));
    }
  }

  /** Reads tensors of the learning layout, such as the masters or sums of gradients, in 32 bits. */
  public <R> R readLearning(PtNDArray[] tensors, Function<FusedTensors, R> reader) {
    try (TensorScope scope = calls.module().scope().open()) {
      return reader.apply(single(learning.layout(), tensors, scope));
    }
  }

  private FusedTensors single(WeightLayout layout, PtNDArray[] tensors, TensorScope scope) {
    boolean wide = tensors[0].getDataType().getNumOfBytes() == Float.BYTES;
    return FusedTensors.of(layout, wide ? tensors : calls.converted(tensors, 6, scope));
  }

  private PtNDArray[] merged(LoraSettings settings, TensorScope scope) {
    PtNDArray[] merged = calls.converted(base.kept(), precision.masterType(), scope);
    WeightLayout adapters = learning.layout();
    for (WeightLayout.Slot a : adapters.slots()) {
      if (a.name().contains(AdapterLayout.A)) {
        String name = a.name().replace(AdapterLayout.A, AdapterLayout.B);
        WeightLayout.Slot b = adapters.slot(name);
        WeightLayout.Slot target = base.layout().slot(AdapterLayout.adapted(a.name()));
        long columns = target.shape().get(1);
        calls.change(
            "add_product",
            call ->
                call.tensor(merged[target.nativeIndex()])
                    .integer(target.offset() / columns)
                    .tensor(learning.kept()[a.nativeIndex()])
                    .integer(a.offset() / a.shape().get(1))
                    .tensor(learning.kept()[b.nativeIndex()])
                    .real(settings.scale()));
      }
    }
    return merged;
  }
}
