package dev.tandem.trainer.model.runtime;

import ai.djl.pytorch.engine.PtNDArray;
import dev.tandem.trainer.model.file.ElementType;
import dev.tandem.trainer.model.program.DecoderProgram;
import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.model.torch.NativeCalls;
import dev.tandem.trainer.model.torch.ScriptModule;
import dev.tandem.trainer.model.torch.TensorScope;
import dev.tandem.trainer.model.torch.Workers;
import dev.tandem.trainer.model.weights.Adapter;
import dev.tandem.trainer.model.weights.FusedTensors;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Everything native that a decoder owns: the program, the weights, the rotary table, the threads
 * that call libtorch.
 */
public final class DecoderRuntime implements AutoCloseable {

  private static final int FIRST_ROTARY_POSITIONS = 256;

  private final ModelSpec spec;
  private final Execution execution;
  private final Optional<Adapter> adapter;
  private final ScriptModule module;
  private final Workers workers;
  private final NativeCalls calls;
  private final Parameters parameters;
  private final AtomicLong weightsVersion = new AtomicLong();
  private RotaryTable rotary;
  private @Nullable ScriptModule frozen;

  /**
   * @param learns whether the weights do where there is no adapter; else they have no masters
   */
  public DecoderRuntime(
      ModelSpec spec,
      Execution execution,
      WeightSource weights,
      boolean learns,
      Optional<Adapter> adapter) {
    this.spec = spec;
    this.execution = execution.suited(spec.parameters());
    this.adapter = adapter;
    module = program(adapter.map(Adapter::settings));
    workers = new Workers(this.execution.workers(), this.execution.threadsPerWorker());
    calls = new NativeCalls(module, workers);
    parameters =
        new Parameters(
            spec,
            execution.precision(),
            weights,
            learns,
            adapter.map(Adapter::settings),
            adapter.map(one -> one.weights().apply(module.scope())),
            calls);
    rotary = table(FIRST_ROTARY_POSITIONS);
  }

  /** Shares what is frozen and copies what learns, in the type of the arithmetic. */
  private DecoderRuntime(DecoderRuntime live) {
    spec = live.spec;
    execution = live.execution;
    adapter = live.adapter;
    module = program(lora());
    workers = new Workers(execution.workers(), execution.threadsPerWorker());
    calls = new NativeCalls(module, workers);
    parameters = new Parameters(live.parameters, spec, calls);
    rotary = table(FIRST_ROTARY_POSITIONS);
  }

  /** The same model as it is now, to score and to sample; to be closed first. */
  public DecoderRuntime snapshot() {
    return new DecoderRuntime(this);
  }

  /** Makes a snapshot one of the present. */
  public void follow(DecoderRuntime live) {
    parameters.follow(live.parameters.learning());
    weightsChanged();
  }

  /** Makes a snapshot one of what a file holds. */
  public void follow(Function<TensorScope, FusedTensors> weights) {
    try (TensorScope scope = module.scope().open()) {
      parameters.follow(weights.apply(scope).tensors());
    }
    weightsChanged();
  }

  /** The same model in its own memory, an adapter copied as one. */
  public DecoderRuntime copy(Execution other, boolean learns) {
    return new DecoderRuntime(
        spec,
        other,
        (type, scope) -> (learns ? parameters.base() : parameters.baseAsRead()).copy(type, scope),
        learns,
        adapter.map(
            one ->
                new Adapter(
                    one.settings(), scope -> parameters.learned().copy(ElementType.F32, scope))));
  }

  /** The same model in its own memory, this one's adapter merged and {@code next} put on. */
  public DecoderRuntime merged(Optional<Adapter> next) {
    boolean learns = parameters.learns();
    return adapter.isPresent()
        ? copy(execution, learns).into(next, learns)
        : new DecoderRuntime(
            spec, execution, (type, scope) -> parameters.base().copy(type, scope), learns, next);
  }

  /**
   * The same model in the same memory, this one's adapter merged and {@code next} put on; this one
   * is closed.
   *
   * @param learns whether the weights do where nothing is put on; in bfloat16 their masters are
   *     then what is left after rounding
   */
  public DecoderRuntime into(Optional<Adapter> next, boolean learns) {
    try {
      return new DecoderRuntime(
          spec,
          execution,
          (type, scope) -> {
            FusedTensors given = parameters.handOver(scope);
            if (given.type() == type) {
              return given;
            }
            FusedTensors converted = given.copy(type, scope);
            given.close();
            return converted;
          },
          learns,
          next);
    } finally {
      close();
    }
  }

  private ScriptModule program(Optional<LoraSettings> lora) {
    return ScriptModule.load(
        DecoderProgram.CLASS_NAME, DecoderProgram.emit(spec, execution, lora), execution.device());
  }

  public ModelSpec spec() {
    return spec;
  }

  public Execution execution() {
    return execution;
  }

  public Optional<LoraSettings> lora() {
    return adapter.map(Adapter::settings);
  }

  public ScriptModule module() {
    return module;
  }

  /** The program that leaves the adapter out, for {@link Parameters#frozenProgram}. */
  public synchronized ScriptModule frozenModule() {
    if (adapter.isEmpty()) {
      return module;
    }
    ScriptModule loaded = frozen == null ? program(Optional.empty()) : frozen;
    frozen = loaded;
    return loaded;
  }

  public Workers workers() {
    return workers;
  }

  public NativeCalls calls() {
    return calls;
  }

  /** Counts the changes of the weights: what is derived from them belongs to one version. */
  public long weightsVersion() {
    return weightsVersion.get();
  }

  public void weightsChanged() {
    weightsVersion.incrementAndGet();
  }

  public Parameters parameters() {
    return parameters;
  }

  /**
   * Sums for the tensors that learn, all zero.
   *
   * @throws IllegalStateException when nothing learns
   */
  public PtNDArray[] zeros() {
    if (!parameters.learns()) {
      throw new IllegalStateException(
          "the decoder was made to be read only and has no masters; load it as one that learns");
    }
    return zerosLike(parameters.masters());
  }

  /**
   * Whether chunks of a batch come one after another: on a GPU, which one of them fills, and for a
   * large model, whose gradients would take more memory than the others' company saves time. Their
   * gradients then go straight to the sums. A property of model and device, not of the workers, so
   * that results do not depend on how many there are.
   */
  public boolean oneChunkAtATime() {
    return execution.device().isGpu() || Execution.isLarge(spec.parameters());
  }

  /** Zeros that live as long as the decoder, shaped like some of its tensors. */
  public PtNDArray[] zerosLike(PtNDArray[] tensors) {
    return calls.zerosLike(tensors, module.scope());
  }

  /** Cuts a checked batch into chunks. */
  public List<ScoringChunk> cut(List<TrainRecord> records) {
    return ScoringChunk.cut(
        records,
        execution.trainingChunkTokens(),
        execution.trainingMemory().packing(),
        oneChunkAtATime());
  }

  public RotaryTable rotaryFor(List<TrainRecord> records) {
    return rotaryFor(
        records.stream()
            .mapToInt(record -> record.prompt().length + record.response().length)
            .max()
            .orElse(1));
  }

  /** The table grows by doubling; superseded tables are small and live as long as the decoder. */
  public synchronized RotaryTable rotaryFor(int longest) {
    int positions = ChunkPlan.paddedLength(longest);
    if (positions > rotary.positions()) {
      int most = ChunkPlan.paddedLength(spec.maxPositions());
      rotary = table(Math.min(most, Math.max(positions, 2 * rotary.positions())));
    }
    return rotary;
  }

  private RotaryTable table(int positions) {
    try (TensorScope scope = module.scope().open()) {
      RotaryTable exact = RotaryTable.create(spec, positions, scope);
      PtNDArray[] rounded =
          calls.converted(
              new PtNDArray[] {exact.cosines(), exact.sines()},
              execution.precision().computeType(),
              module.scope());
      return new RotaryTable(positions, rounded[0], rounded[1]);
    }
  }

  /** Waits for running calls, then frees the native memory. */
  @Override
  public void close() {
    workers.close();
    if (frozen != null) {
      frozen.close();
    }
    module.close();
  }
}
