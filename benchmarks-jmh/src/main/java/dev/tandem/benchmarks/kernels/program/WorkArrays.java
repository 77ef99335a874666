package dev.tandem.benchmarks.kernels.program;

import dev.tandem.kernels.cuda.CudaKernels;
import dev.tandem.kernels.cuda.DeviceBuffer;
import dev.tandem.kernels.operation.ArrayElement;
import dev.tandem.kernels.operation.Matrix;
import dev.tandem.kernels.operation.Place;
import dev.tandem.kernels.operation.Values;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The arrays of one workload, on the device of a CUDA backend or else in host memory. */
final class WorkArrays implements AutoCloseable {
  /** Random numbers are drawn once and repeated: what they are does not matter, their cost does. */
  private static final int PATTERN = 1 << 16;

  private static final long SEED = 7;

  private final Arena arena = Arena.ofShared();
  private final List<DeviceBuffer> buffers = new ArrayList<>();
  private final @Nullable CudaKernels device;

  WorkArrays(@Nullable CudaKernels device) {
    this.device = device;
  }

  /** Normal noise. */
  Values normal(ArrayElement type, long size, double mean, double deviation) {
    SplittableRandom random = new SplittableRandom(SEED);
    return of(type, size, i -> random.nextGaussian(mean, deviation));
  }

  /** Elements by index; after the first many they repeat. */
  Values of(ArrayElement type, long size, LongToDoubleFunction content) {
    long period = Math.min(size, PATTERN);
    Values head = Values.allocate(arena, type, Math.max(1, period));
    for (long i = 0; i < period; i++) {
      head.set(i, content.applyAsDouble(i));
    }
    return repeated(head, size);
  }

  /** As {@link #of}, every element by itself. */
  Values exact(ArrayElement type, long size, LongToDoubleFunction content) {
    Values all = Values.allocate(arena, type, size);
    for (long i = 0; i < size; i++) {
      all.set(i, content.applyAsDouble(i));
    }
    return repeated(all, size);
  }

  /** Token ids. */
  Values ids(long size, int below) {
    SplittableRandom random = new SplittableRandom(SEED);
    return of(ArrayElement.I32, size, i -> random.nextInt(below));
  }

  /** Logits as a model's. */
  Matrix logits(ArrayElement type, long rows, long columns) {
    Values values = normal(type, rows * columns, 0, 3);
    return new Matrix(values.segment(), type, rows, columns, columns, values.place());
  }

  /** Repeats the first elements until the size is reached. */
  private Values repeated(Values head, long size) {
    long bytes = size * head.type().bytes();
    long period = head.size() * head.type().bytes();
    if (device == null) {
      MemorySegment all = arena.allocate(Math.max(1, bytes), 64);
      for (long at = 0; at < bytes; at += period) {
        MemorySegment.copy(head.segment(), 0, all, at, Math.min(period, bytes - at));
      }
      return new Values(all, head.type(), size, Place.HOST);
    }
    DeviceBuffer buffer = device.allocate(Math.max(1, bytes));
    buffers.add(buffer);
    for (long at = 0; at < bytes; at += period) {
      buffer.copyFrom(head.segment().asSlice(0, Math.min(period, bytes - at)), at);
    }
    return new Values(buffer.segment(), head.type(), size, Place.DEVICE);
  }

  @Override
  public void close() {
    buffers.forEach(DeviceBuffer::close);
    arena.close();
  }
}
