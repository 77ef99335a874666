package dev.tandem.trainer.model.sampling;

import ai.djl.pytorch.engine.PtNDArray;
import dev.tandem.trainer.model.runtime.DecoderRuntime;
import dev.tandem.trainer.model.runtime.RotaryTable;
import dev.tandem.trainer.model.torch.ScriptModule;
import dev.tandem.trainer.model.torch.TensorScope;
import java.util.Arrays;
import java.util.List;

/**
 * The sampling methods of a decoder's program, and the weights in the form that steps read: packed
 * by the matrix library, norm gains scaled. They are copies, so they belong to one version of the
 * weights.
 */
final class SamplingProgram implements AutoCloseable {

  private final DecoderRuntime runtime;
  private final TensorScope scope;
  private final PtNDArray[] weights;
  private final PtNDArray[] packed;
  private final PtNDArray[] constants;

  SamplingProgram(DecoderRuntime runtime) {
    this.runtime = runtime;
    scope = runtime.module().scope().open();
    weights = runtime.parameters().program();
    packed = onWorker(call("pack").tensors(weights));
    constants = onWorker(call("constants").tensors(weights));
  }

  private PtNDArray[] onWorker(ScriptModule.Call call) {
    return runtime.workers().call(() -> call.run(scope)).toArray(PtNDArray[]::new);
  }

  int vocabularySize() {
    return runtime.spec().vocabularySize();
  }

  int chunkTokens() {
    return runtime.execution().samplingChunkTokens();
  }

  /** Of keys and values in all layers, in the type that they are computed in. */
  long bytesPerPosition() {
    return runtime.spec().cachedElements() * runtime.execution().precision().compute().bytes();
  }

  int mostPositions() {
    return runtime.spec().maxPositions();
  }

  /** Zeros. */
  PtNDArray[] caches(int slots, int positions) {
    List<PtNDArray> zeros =
        call("caches").tensors(weights).integer(slots).integer(positions).run(scope);
    return zeros.toArray(PtNDArray[]::new);
  }

  /** A layer's keys and values in another size, as far as both have room for them, else zeros. */
  PtNDArray resized(PtNDArray cache, int slots, int positions) {
    return call("resized").tensor(cache).integer(slots).integer(positions).run(scope).getFirst();
  }

  /** Copies the first positions of slots to the slots from {@code first} on. */
  void copyPrefixes(long[] sources, int first, int length, PtNDArray[] caches) {
    try (TensorScope inner = scope.open()) {
      call("copy_prefixes")
          .tensor(inner.longs(sources, sources.length))
          .integer(first)
          .integer(length)
          .tensors(caches)
          .run(inner);
    }
  }

  /**
   * Computes keys and values.
   *
   * @param ids rows of {@code length} tokens, then padding
   * @param starts position of each row's first token
   */
  void prefill(long[] ids, long[] starts, int first, int length, SlotCache cache) {
    RotaryTable rotary = runtime.rotaryFor(cache.positions());
    try (TensorScope inner = scope.open()) {
      call("prefill")
          .tensor(inner.longs(ids, ids.length))
          .tensor(inner.longs(starts, starts.length))
          .integer(first)
          .integer(Arrays.stream(starts).max().orElse(0))
          .integer(length)
          .tensor(rotary.cosines())
          .tensor(rotary.sines())
          .tensors(weights)
          .tensors(cache.tensors())
          .run(inner);
    }
  }

  /** Exchanges slots pairwise. */
  void swap(long[] order, int[] holes, int[] movers, SlotCache cache) {
    try (TensorScope inner = scope.open()) {
      call("swap")
          .tensor(inner.longs(order, order.length))
          .tensor(inner.longs(Arrays.stream(holes).asLongStream().toArray(), holes.length))
          .tensor(inner.longs(Arrays.stream(movers).asLongStream().toArray(), movers.length))
          .integer(cache.positions())
          .tensors(cache.tensors())
          .run(inner);
    }
  }

  /** Runs a batch on its slots. */
  DecodeCall.Result decode(DecodeCall batch, SlotCache cache) {
    RotaryTable rotary = runtime.rotaryFor(cache.positions());
    try (TensorScope inner = scope.open()) {
      List<PtNDArray> result =
          batch
              .arguments(call("decode"), inner)
              .tensor(rotary.cosines())
              .tensor(rotary.sines())
              .tensors(packed)
              .tensors(constants)
              .tensors(cache.tensors())
              .run(inner);
      return new DecodeCall.Result(
          batch.steps(),
          result.get(0).toLongArray(),
          result.get(1).toFloatArray(),
          result.get(2).toLongArray());
    }
  }

  private ScriptModule.Call call(String method) {
    return runtime.module().inference(method);
  }

  @Override
  public void close() {
    scope.close();
  }
}
