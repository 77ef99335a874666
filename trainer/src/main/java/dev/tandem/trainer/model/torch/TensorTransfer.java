package dev.tandem.trainer.model.torch;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import dev.tandem.trainer.model.file.ElementType;
import dev.tandem.trainer.model.file.SafetensorsWriter;
import dev.tandem.trainer.model.file.StoredTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Moves elements between mapped files and native tensors; the Java heap never holds them.
 *
 * <p>libtorch reads a mapping through a view, converts and copies in one pass, slice by slice: a
 * Java buffer ends at 2 GiB, and slices bound what a conversion needs beside its source and target.
 * Rounding is to nearest even, as everywhere in libtorch.
 *
 * <p>DJL cannot name bfloat16, so its bits cross as halves and are given their type in the script.
 */
public final class TensorTransfer {

  /** Elements moved at a time: 16 MiB of singles. */
  private static final long SLICE = 1L << 22;

  private static final String CLASS_NAME = "Transfer";

  private static final String TEXT =
      """
      class Transfer(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
        def allocate(self: __torch__.Transfer, like: Tensor, shape: List[int], kind: int) -> Tensor:
          return torch.empty(shape, dtype=kind, device=ops.prim.device(like))
        def typed(self: __torch__.Transfer, bits: Tensor, kind: int) -> Tensor:
          if torch.eq(kind, 15):
            values = torch.view_copy(bits, dtype=15)
          else:
            values = bits
          return values
        def bits(self: __torch__.Transfer, values: Tensor, kind: int) -> Tensor:
          values = torch.to(values, torch.device("cpu"), kind)
          if torch.eq(kind, 15):
            out = torch.view_copy(values, dtype=5)
          else:
            out = values
          return out
        def store(self: __torch__.Transfer, bits: Tensor, kind: int, target: Tensor, offset: int) -> Tensor:
          # bits [n] become elements offset .. offset + n of the target
          part = torch.slice(torch.view(target, [-1]), 0, offset, torch.add(offset, torch.size(bits, 0)))
          return torch.copy_(part, (self).typed(bits, kind))
        def fetch(self: __torch__.Transfer, source: Tensor, begin: int, end: int, kind: int) -> Tensor:
          return (self).bits(torch.slice(torch.view(source, [-1]), 0, begin, end), kind)
        def convert(self: __torch__.Transfer, bits: Tensor, kind: int, wanted: int) -> Tensor:
          return (self).bits((self).typed(bits, kind), wanted)
        def copy(self: __torch__.Transfer, source: Tensor, target: Tensor) -> Tensor:
          return torch.copy_(target, source)
      """;

  /** The program has no state, so one serves the process. */
  private static final class Holder {
    static final TensorTransfer INSTANCE = new TensorTransfer();
  }

  private final ScriptModule module = ScriptModule.load(CLASS_NAME, TEXT, Device.cpu());
  private final Workers workers = new Workers(1, Runtime.getRuntime().availableProcessors());

  private TensorTransfer() {}

  public static TensorTransfer shared() {
    return Holder.INSTANCE;
  }

  /** Makes a tensor on the scope's device; its elements are whatever the memory held. */
  public PtNDArray allocate(long[] shape, ElementType type, TensorScope scope) {
    try (PtNDArray like = scope.zeros(1)) {
      return workers.call(
          () ->
              module
                  .differentiable("allocate")
                  .tensor(like)
                  .integers(shape)
                  .integer(type.torchCode())
                  .run(scope)
                  .getFirst());
    }
  }

  /** Writes all of {@code source} into {@code target} from element {@code offset} on. */
  public void store(StoredTensor source, PtNDArray target, long offset) {
    for (long begin = 0; begin < source.elements(); begin += SLICE) {
      long end = Math.min(begin + SLICE, source.elements());
      try (TensorScope scope = module.scope().open();
          Arena arena = Arena.ofConfined()) {
        ScriptModule.Call call =
            module
                .inference("store")
                .tensor(view(source.slice(begin, end), scope, arena))
                .integer(source.type().torchCode())
                .tensor(target)
                .integer(offset + begin);
        workers.call(() -> call.run(scope));
      }
    }
  }

  /** Gives elements {@code begin} to {@code end} as {@code type}. */
  public void fetch(
      PtNDArray source, long begin, long end, ElementType type, SafetensorsWriter.Sink sink)
      throws IOException {
    for (long from = begin; from < end; from += SLICE) {
      try (TensorScope scope = module.scope().open()) {
        ScriptModule.Call call =
            module
                .inference("fetch")
                .tensor(source)
                .integer(from)
                .integer(Math.min(from + SLICE, end))
                .integer(type.torchCode());
        sink.accept(workers.call(() -> call.run(scope)).getFirst().toByteBuffer(true));
      }
    }
  }

  /** Gives all of {@code source} as {@code type}. */
  public void convert(StoredTensor source, ElementType type, SafetensorsWriter.Sink sink)
      throws IOException {
    for (long begin = 0; begin < source.elements(); begin += SLICE) {
      long end = Math.min(begin + SLICE, source.elements());
      try (TensorScope scope = module.scope().open();
          Arena arena = Arena.ofConfined()) {
        ScriptModule.Call call =
            module
                .inference("convert")
                .tensor(view(source.slice(begin, end), scope, arena))
                .integer(source.type().torchCode())
                .integer(type.torchCode());
        sink.accept(workers.call(() -> call.run(scope)).getFirst().toByteBuffer(true));
      }
    }
  }

  /** Writes one tensor's elements into another of the same shape. */
  public void copy(PtNDArray source, PtNDArray target) {
    try (TensorScope scope = module.scope().open()) {
      ScriptModule.Call call = module.inference("copy").tensor(source).tensor(target);
      workers.call(() -> call.run(scope));
    }
  }

  /** A tensor over the very bytes, unless they are on the heap, where native code cannot look. */
  private static PtNDArray view(StoredTensor slice, TensorScope scope, Arena arena) {
    MemorySegment bytes = slice.bytes();
    if (!bytes.isNative()) {
      bytes = arena.allocate(bytes.byteSize(), Long.BYTES).copyFrom(bytes);
    }
    return scope
        .manager()
        .create(bytes.asByteBuffer(), new Shape(slice.elements()), slice.type().carrier());
  }
}
