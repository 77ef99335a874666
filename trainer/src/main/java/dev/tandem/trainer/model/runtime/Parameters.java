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
import org.jspecify.annotations.Nullable;

/**
 * A decoder's tensors: what the program reads, what of it learns, and the masters that the
 * optimiser writes.
 *
 * <p>In {@link Precision#FLOAT32} and {@link Precision#FLOAT64} the program reads the masters
 * themselves. In {@link Precision#BFLOAT16} it reads copies, made again after every step. What does
 * not learn has no master, only what the program reads.
 */
public final class Parameters {

  private static final WeightLayout NOTHING = new WeightLayout(List.of(), List.of());

  /** Tensors of one layout as the program reads them, and as they are kept. */
  @SuppressWarnings("ArrayRecordComponent") // handles, never compared
  private record Held(WeightLayout layout, PtNDArray[] read, PtNDArray[] kept) {}

  private final NativeCalls calls;
  private final Precision precision;
  private final Held base;
  private final boolean baseLearns;
  private final Optional<LoraSettings> lora;
  private final Held learning;
  private final PtNDArray[] program;

  /**
   * @param learns whether the base does, which it never does under an adapter
   */
  Parameters(
      ModelSpec spec,
      Precision precision,
      WeightSource weights,
      boolean learns,
      Optional<LoraSettings> lora,
      Optional<FusedTensors> adapter,
      NativeCalls calls) {
    this.calls = calls;
    this.precision = precision;
    this.lora = lora;
    TensorScope scope = calls.module().scope();
    baseLearns = learns && lora.isEmpty();
    base = held(weights.make(baseLearns ? precision.master() : precision.compute(), scope), scope);
    learning =
        adapter
            .map(one -> held(one.type() == precision.master() ? one : widened(one, scope), scope))
            .orElse(baseLearns ? base : new Held(NOTHING, new PtNDArray[0], new PtNDArray[0]));
    program =
        lora.map(one -> interleave(spec, base.read(), learning.read(), one)).orElse(base.read());
    track(learning.read(), true);
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
    baseLearns = false;
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

  private FusedTensors widened(FusedTensors singles, TensorScope scope) {
    FusedTensors wide = singles.copy(precision.master(), scope);
    singles.close();
    return wide;
  }

  private Held held(FusedTensors kept, TensorScope scope) {
    return new Held(
        kept.layout(),
        kept.type() == precision.compute()
            ? kept.tensors()
            : calls.converted(kept.tensors(), precision.computeType(), scope),
        kept.tensors());
  }

  private void track(PtNDArray[] tensors, boolean on) {
    if (tensors.length > 0) {
      calls.change("track", call -> call.tensors(tensors).integer(on ? 1 : 0));
    }
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

  /** Whether there is anything that an optimiser could move. */
  public boolean learns() {
    return learning.kept().length > 0;
  }

  /**
   * Merges the adapter into the weights below it and gives these up: they are tracked no longer,
   * have no masters, and belong to the scope, while what else there was goes with this decoder.
   */
  FusedTensors handOver(TensorScope scope) {
    track(base.read(), false);
    lora.ifPresent(
        settings -> pairs().forEach(pair -> addProduct(base.read()[pair.at()], pair, settings)));
    return FusedTensors.of(base.layout(), precision.compute(), base.read()).movedTo(scope);
  }

  /** The weights below an adapter as they are kept, not to be changed. */
  FusedTensors base() {
    return FusedTensors.of(
        base.layout(), baseLearns ? precision.master() : precision.compute(), base.kept());
  }

  /** The same as the program reads them. */
  FusedTensors baseAsRead() {
    return FusedTensors.of(base.layout(), precision.compute(), base.read());
  }

  /** What learns, as it is kept. */
  FusedTensors learned() {
    return FusedTensors.of(learning.layout(), precision.master(), learning.kept());
  }

  /**
   * Reads the whole model's weights, an adapter merged into them, one tensor at a time.
   *
   * @param reader must not keep the weights
   */
  public <R> R read(Function<FusedTensors, R> reader) {
    if (lora.isEmpty()) {
      return reader.apply(base());
    }
    try (Merging merging = new Merging(lora.get())) {
      return reader.apply(FusedTensors.made(base.layout(), precision.master(), merging::at));
    }
  }

  /** Reads tensors of the learning layout, such as the masters or sums of gradients. */
  public <R> R readLearning(PtNDArray[] tensors, Function<FusedTensors, R> reader) {
    return reader.apply(FusedTensors.of(learning.layout(), precision.master(), tensors));
  }

  /** An A and its B: where their product goes, and where they are. */
  private record Pair(int at, long firstRow, int a, long firstOfA, int b) {}

  private List<Pair> pairs() {
    List<Pair> pairs = new ArrayList<>();
    WeightLayout adapters = learning.layout();
    for (WeightLayout.Slot a : adapters.slots()) {
      if (a.name().contains(AdapterLayout.A)) {
        WeightLayout.Slot b = adapters.slot(a.name().replace(AdapterLayout.A, AdapterLayout.B));
        WeightLayout.Slot target = base.layout().slot(AdapterLayout.adapted(a.name()));
        pairs.add(
            new Pair(
                target.nativeIndex(),
                target.firstRow(),
                a.nativeIndex(),
                a.firstRow(),
                b.nativeIndex()));
      }
    }
    return pairs;
  }

  private void addProduct(PtNDArray target, Pair pair, LoraSettings settings) {
    calls.change(
        "add_product",
        call ->
            call.tensor(target)
                .integer(pair.firstRow())
                .tensor(learning.kept()[pair.a()])
                .integer(pair.firstOfA())
                .tensor(learning.kept()[pair.b()])
                .real(settings.scale()));
  }

  /** Copies of tensors with their adapters merged in, of which one is there at a time. */
  private final class Merging implements AutoCloseable {
    private final LoraSettings settings;
    private final List<Pair> pairs = pairs();
    private int index = -1;
    private @Nullable PtNDArray merged;

    Merging(LoraSettings settings) {
      this.settings = settings;
    }

    PtNDArray at(int wanted) {
      PtNDArray present = merged;
      if (present == null || index != wanted) {
        close();
        present =
            calls
                .converted(
                    new PtNDArray[] {base.kept()[wanted]},
                    precision.masterType(),
                    calls.module().scope())[0];
        PtNDArray target = present;
        pairs.stream()
            .filter(pair -> pair.at() == wanted)
            .forEach(pair -> addProduct(target, pair, settings));
        merged = present;
        index = wanted;
      }
      return present;
    }

    @Override
    public void close() {
      if (merged != null) {
        merged.close();
        merged = null;
      }
    }
  }
}
