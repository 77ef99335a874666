package dev.tandem.benchmarks.kernels.program;

import dev.tandem.kernels.cuda.CudaEvent;
import dev.tandem.kernels.cuda.CudaKernels;
import dev.tandem.kernels.cuda.DeviceBuffer;
import dev.tandem.kernels.operation.KernelProvider;
import dev.tandem.kernels.operation.Operation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Times work: by marks on the device for a GPU, by the processor's clock otherwise. A figure is the
 * median of the repetitions after the warm-up.
 */
sealed interface Clock permits Clock.OfDevice, Clock.OfHost {
  /** Milliseconds that an operation takes. */
  double milliseconds(Operation operation);

  /** Bytes read and written per second by a plain copy, in GB/s. */
  double copyBandwidth(long bytes);

  static Clock of(KernelProvider provider, int repetitions) {
    return provider instanceof CudaKernels device
        ? new OfDevice(device, repetitions)
        : new OfHost(provider, repetitions);
  }

  private static double median(double[] milliseconds) {
    Arrays.sort(milliseconds);
    return milliseconds[milliseconds.length / 2];
  }

  private static double gigabytesPerSecond(long bytes, double milliseconds) {
    return bytes / milliseconds / 1e6;
  }

  /** Marks in the stream. */
  record OfDevice(CudaKernels device, int repetitions) implements Clock {
    private static final int WARM_UP = 3;

    @Override
    public double milliseconds(Operation operation) {
      return timed(() -> device.enqueue(operation));
    }

    @Override
    public double copyBandwidth(long bytes) {
      try (DeviceBuffer from = device.allocate(bytes);
          DeviceBuffer to = device.allocate(bytes)) {
        from.fill((byte) 1);
        return gigabytesPerSecond(2 * bytes, timed(() -> to.startCopyFrom(from, bytes)));
      }
    }

    private double timed(Runnable work) {
      for (int i = 0; i < WARM_UP; i++) {
        work.run();
      }
      device.synchronize();
      double[] milliseconds = new double[repetitions];
      try (CudaEvent start = device.event();
          CudaEvent end = device.event()) {
        for (int i = 0; i < repetitions; i++) {
          start.record();
          work.run();
          end.record();
          end.synchronize();
          milliseconds[i] = end.millisecondsSince(start);
        }
      }
      return median(milliseconds);
    }
  }

  /** The processor's clock. */
  record OfHost(KernelProvider provider, int repetitions) implements Clock {
    private static final int WARM_UP = 2;
    private static final double NANOSECONDS = 1e6;

    @Override
    public double milliseconds(Operation operation) {
      return timed(() -> provider.run(operation));
    }

    @Override
    public double copyBandwidth(long bytes) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment from = arena.allocate(bytes, 64).fill((byte) 1);
        MemorySegment to = arena.allocate(bytes, 64);
        return gigabytesPerSecond(2 * bytes, timed(() -> to.copyFrom(from)));
      }
    }

    private double timed(Runnable work) {
      for (int i = 0; i < WARM_UP; i++) {
        work.run();
      }
      double[] milliseconds = new double[repetitions];
      for (int i = 0; i < repetitions; i++) {
        long start = System.nanoTime();
        work.run();
        milliseconds[i] = (System.nanoTime() - start) / NANOSECONDS;
      }
      return median(milliseconds);
    }
  }
}
