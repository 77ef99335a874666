package dev.tandem.kernels;

import dev.tandem.kernels.cuda.CudaCapabilities;
import dev.tandem.kernels.cuda.CudaKernels;
import dev.tandem.kernels.operation.KernelProvider;
import dev.tandem.kernels.scalar.ScalarKernels;
import dev.tandem.kernels.vector.VectorKernels;
import java.util.List;
import java.util.Optional;

/** The backends, best first. */
public enum KernelBackend {
  /** An NVIDIA GPU, for arrays in its memory; arrays in host memory are copied there and back. */
  CUDA,
  /** SIMD through the Vector API. */
  VECTOR_API,
  /** Plain Java, which runs everywhere. */
  SCALAR;

  /** Below this many lanes the shuffling costs more than the lanes save. */
  private static final int LEAST_LANES = 4;

  /**
   * Why this backend cannot serve on the host, in one sentence that names the fix; empty when it
   * can.
   */
  Optional<String> refusal(HostCapabilities host) {
    return switch (this) {
      case CUDA ->
          switch (host.cuda()) {
            case CudaCapabilities.Usable usable -> Optional.empty();
            case CudaCapabilities.Refused refused -> Optional.of(refused.reason());
          };
      case VECTOR_API -> {
        if (!host.vectorModule()) {
          yield Optional.of(
              "Vector API kernels need the module jdk.incubator.vector: start Java with"
                  + " --add-modules jdk.incubator.vector.");
        }
        Optional<String> slow = host.virtualMachine().refusal();
        if (slow.isPresent()) {
          yield slow;
        }
        if (host.doubleLanes() < LEAST_LANES) {
          yield Optional.of(
              ("Vector API kernels need %d float64 lanes and this CPU prefers %d:"
                      + " run on a CPU with AVX2 or wider.")
                  .formatted(LEAST_LANES, host.doubleLanes()));
        }
        yield Optional.empty();
      }
      case SCALAR -> Optional.empty();
    };
  }

  /** The backends that are worth their while on arrays in host memory, best first. */
  static List<KernelBackend> forHostMemory() {
    return List.of(VECTOR_API, SCALAR);
  }

  /** Starts the backend on a host that it does not refuse. */
  KernelProvider provider(HostCapabilities host) {
    return switch (this) {
      case CUDA ->
          switch (host.cuda()) {
            case CudaCapabilities.Usable usable -> new CudaKernels(usable);
            case CudaCapabilities.Refused refused ->
                throw new UnsupportedBackendException(this, refused.reason());
          };
      case VECTOR_API -> new VectorKernels();
      case SCALAR -> new ScalarKernels();
    };
  }
}
