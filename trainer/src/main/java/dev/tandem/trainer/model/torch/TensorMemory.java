package dev.tandem.trainer.model.torch;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.ScriptCall;
import dev.tandem.kernels.operation.ArrayElement;
import dev.tandem.kernels.operation.Matrix;
import dev.tandem.kernels.operation.Place;
import dev.tandem.kernels.operation.Values;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * DJL tensors as the kernels see them: views of the very memory that libtorch computes on, so that
 * what one side writes the other reads, and nothing is copied.
 *
 * <p>A view does not keep its tensor alive. It belongs to an arena, and the arena must be closed no
 * later than the tensor (or the tensor's manager): a use after that of the arena throws, a use
 * after that of the tensor alone would read freed memory. Nor does a view order anything:
 * libtorch's CPU operators have ended when their call returns, so a kernel may follow on the same
 * thread at once.
 *
 * <p>Writing through a view is not seen by autograd. Only tensors without a graph, or whose graph
 * is not walked again, may be written to.
 */
public final class TensorMemory {

  private TensorMemory() {}

  /**
   * The elements of a tensor of any shape.
   *
   * @param tensor on the CPU or a GPU, its elements end to end
   * @param arena closed no later than the tensor
   * @throws IllegalArgumentException if the tensor lies elsewhere or has gaps
   */
  public static Values values(NDArray tensor, Arena arena) {
    PtNDArray own = require(tensor);
    long size = own.size();
    ArrayElement type = type(own);
    long bytes = size * type.bytes();
    return onCpu(own)
        ? new Values(memory(own, bytes, arena), type, size, Place.HOST)
        : new Values(deviceMemory(own, type, bytes, arena), type, size, Place.DEVICE);
  }

  /**
   * The elements of a tensor as rows of its last dimension.
   *
   * @param tensor on the CPU or a GPU, of at least one dimension, its elements end to end
   * @param arena closed no later than the tensor
   * @throws IllegalArgumentException if the tensor lies elsewhere or has gaps
   */
  public static Matrix matrix(NDArray tensor, Arena arena) {
    Values values = values(tensor, arena);
    long columns = tensor.getShape().get(tensor.getShape().dimension() - 1);
    long rows = values.size() / columns;
    return new Matrix(values.segment(), values.type(), rows, columns, columns, values.place());
  }

  private static PtNDArray require(NDArray tensor) {
    if (!(tensor instanceof PtNDArray own)) {
      throw new IllegalArgumentException(
          "a tensor of DJL's PyTorch engine is needed, was a " + tensor.getClass().getName());
    }
    if (!onCpu(own) && !own.getDevice().isGpu()) {
      throw new IllegalArgumentException(
          "the tensor must lie in the processor's or a GPU's memory, was on "
              + own.getDevice()
              + ": move it to the CPU first");
    }
    if (!ScriptCall.isContiguous(own)) {
      throw new IllegalArgumentException(
          "the tensor %s has gaps between its elements: copy it with duplicate() first"
              .formatted(own.getShape()));
    }
    return own;
  }

  /**
   * Where the elements lie. The first element alone is asked for its buffer, because buffers end at
   * 2 GiB and tensors do not.
   */
  @SuppressWarnings("restricted") // the one place that trusts an address
  private static MemorySegment memory(PtNDArray tensor, long bytes, Arena arena) {
    if (bytes == 0) {
      return MemorySegment.NULL;
    }
    try (NDArray flat = tensor.reshape(-1);
        NDArray first = flat.get(new NDIndex("0:1"))) {
      ByteBuffer buffer = JniUtils.getByteBuffer((PtNDArray) first, /* tryDirect= */ true);
      return MemorySegment.ofAddress(MemorySegment.ofBuffer(buffer).address())
          .reinterpret(bytes, arena, null);
    }
  }

  private static boolean onCpu(PtNDArray tensor) {
    return tensor.getDevice().equals(Device.cpu());
  }

  @SuppressWarnings("restricted") // an address that only a device follows
  private static MemorySegment deviceMemory(
      PtNDArray tensor, ArrayElement type, long bytes, Arena arena) {
    return MemorySegment.ofAddress(TensorAddress.of(tensor, type)).reinterpret(bytes, arena, null);
  }

  private static ArrayElement type(PtNDArray tensor) {
    DataType type = tensor.getDataType();
    return switch (type) {
      case FLOAT32 -> ArrayElement.F32;
      case FLOAT64 -> ArrayElement.F64;
      case INT32 -> ArrayElement.I32;
      case INT64 -> ArrayElement.I64;
      case BOOLEAN -> ArrayElement.BOOL;
      // DJL does not know bfloat16 when it meets it, and the decoder makes no other unknown type.
      case BFLOAT16, UNKNOWN -> ArrayElement.BF16;
      default ->
          throw new IllegalArgumentException(
              "the kernels have no element type for a tensor of " + type + ": convert it first");
    };
  }
}
