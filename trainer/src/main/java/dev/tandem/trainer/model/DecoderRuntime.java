package dev.tandem.trainer.model;

import ai.djl.pytorch.engine.PtNDArray;
import java.util.List;
import java.util.function.Function;

/**
 * Everything native that a decoder owns: the program, the weights, the rotary table, the threads
 * that call libtorch.
 */
final class DecoderRuntime implements AutoCloseable {

  private static final int FIRST_ROTARY_POSITIONS = 256;

  private final ModelSpec spec;
  private final Execution execution;
  private final ScriptModule module;
  private final Workers workers;
  private final Weights weights;
  private RotaryTable rotary;

  DecoderRuntime(ModelSpec spec, Execution execution, Function<Scope, Weights> source) {
    this.spec = spec;
    this.execution = execution;
    module =
        ScriptModule.load(
            DecoderProgram.CLASS_NAME,
            DecoderProgram.emit(spec, execution.matrixLibrary()),
            execution.device());
    workers = new Workers(execution.workers(), execution.threadsPerWorker());
    weights = source.apply(module.scope());
    rotary = RotaryTable.create(spec, FIRST_ROTARY_POSITIONS, module.scope());
    workers.call(
        () -> module.differentiable("track").tensors(weights.tensors()).run(module.scope()));
  }

  ModelSpec spec() {
    return spec;
  }

  Execution execution() {
    return execution;
  }

  ScriptModule module() {
    return module;
  }

  Workers workers() {
    return workers;
  }

  Weights weights() {
    return weights;
  }

  Weights zeros() {
    return Weights.zeros(weights.layout(), module.scope());
  }

  /** Cuts a checked batch into chunks, together with the rotary table that all of them can use. */
  List<ScoringChunk> cut(List<TrainRecord> records) {
    return ScoringChunk.cut(records, execution.trainingChunkTokens());
  }

  /** Adds a chunk's inputs, the rotary table and the weights to a call. */
  ScriptModule.Call scoringCall(
      ScriptModule.Call call, ScoringChunk chunk, RotaryTable table, Scope scope) {
    return chunk
        .arguments(call, scope)
        .tensor(table.cosines())
        .tensor(table.sines())
        .tensors(weights.tensors());
  }

  /** Runs a method whose only effect is on its arguments. */
  void change(ScriptModule.Call call) {
    workers.call(
        () -> {
          try (Scope scope = module.scope().open()) {
            return call.run(scope);
          }
        });
  }

  void add(List<PtNDArray> addends, Weights sums) {
    change(
        module
            .inference("accumulate")
            .tensors(sums.tensors())
            .tensors(addends.toArray(PtNDArray[]::new)));
    addends.forEach(PtNDArray::close);
  }

  RotaryTable rotaryFor(List<TrainRecord> records) {
    return rotaryFor(
        records.stream()
            .mapToInt(record -> record.prompt().length + record.response().length)
            .max()
            .orElse(1));
  }

  /** The table grows by doubling; superseded tables are small and live as long as the decoder. */
  synchronized RotaryTable rotaryFor(int longest) {
    int positions = ChunkPlan.paddedLength(longest);
    if (positions > rotary.positions()) {
      int most = ChunkPlan.paddedLength(spec.maxPositions());
      int grown = Math.min(most, Math.max(positions, 2 * rotary.positions()));
      rotary = RotaryTable.create(spec, grown, module.scope());
    }
    return rotary;
  }

  /** Waits for running calls, then frees the native memory. */
  @Override
  public void close() {
    workers.close();
    module.close();
  }
}
