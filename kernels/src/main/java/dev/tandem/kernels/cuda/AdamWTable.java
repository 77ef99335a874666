package dev.tandem.kernels.cuda;

import dev.tandem.kernels.operation.AdamW;
import dev.tandem.kernels.operation.ArrayElement;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The table of tensors that lets one launch update them all: {@code AdamWTensor} of {@code
 * adamw.cuh}. A block of the launch updates one chunk of one tensor.
 */
final class AdamWTable {
  /** {@code ADAMW_CHUNK} of {@code adamw.cuh}. */
  private static final int CHUNK = 8192;

  private static final int THREADS = 256;

  private static final StructLayout TENSOR =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("parameters"),
          ValueLayout.JAVA_LONG.withName("gradients"),
          ValueLayout.JAVA_LONG.withName("firstMoments"),
          ValueLayout.JAVA_LONG.withName("secondMoments"),
          ValueLayout.JAVA_LONG.withName("size"),
          ValueLayout.JAVA_INT.withName("firstChunk"),
          ValueLayout.JAVA_INT.withName("decays"));
  private static final VarHandle PARAMETERS = field("parameters");
  private static final VarHandle GRADIENTS = field("gradients");
  private static final VarHandle FIRST_MOMENTS = field("firstMoments");
  private static final VarHandle SECOND_MOMENTS = field("secondMoments");
  private static final VarHandle SIZE = field("size");
  private static final VarHandle FIRST_CHUNK = field("firstChunk");
  private static final VarHandle DECAYS = field("decays");

  private AdamWTable() {}

  static void start(AdamW it, CudaModule module, Launcher launcher, Staging staging) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment table = arena.allocate(TENSOR, it.tensors().size());
      long chunks = fill(table, it, staging);
      if (chunks == 0) {
        return;
      }
      ArrayElement type = it.tensors().getFirst().parameters().type();
      launcher
          .with(staging.copyOf(table))
          .with(it.tensors().size())
          .with(type, it.decayFactor())
          .with(type, it.gradientScale())
          .with(type, it.settings().beta1())
          .with(type, 1 - it.settings().beta1())
          .with(type, it.settings().beta2())
          .with(type, 1 - it.settings().beta2())
          .with(type, it.stepSize())
          .with(type, it.rootCorrection())
          .with(type, it.settings().epsilon())
          .launch(module.function("adamw", type), chunks, THREADS);
    }
  }

  /** Returns the number of chunks of all tensors. */
  private static long fill(MemorySegment table, AdamW it, Staging staging) {
    long chunks = 0;
    for (int i = 0; i < it.tensors().size(); i++) {
      AdamW.Tensor tensor = it.tensors().get(i);
      long row = i * TENSOR.byteSize();
      PARAMETERS.set(table, row, staging.inOut(tensor.parameters()));
      GRADIENTS.set(table, row, staging.in(tensor.gradients()));
      FIRST_MOMENTS.set(table, row, staging.inOut(tensor.firstMoments()));
      SECOND_MOMENTS.set(table, row, staging.inOut(tensor.secondMoments()));
      SIZE.set(table, row, tensor.size());
      FIRST_CHUNK.set(table, row, Math.toIntExact(chunks));
      DECAYS.set(table, row, tensor.decays() ? 1 : 0);
      chunks += (tensor.size() + CHUNK - 1) / CHUNK;
    }
    return chunks;
  }

  private static VarHandle field(String name) {
    return TENSOR.varHandle(PathElement.groupElement(name));
  }
}
