package dev.tandem.kernels;

import java.util.Optional;

/** The backends, best first. */
public enum KernelBackend {
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
      case VECTOR_API -> {
        if (!host.vectorModule()) {
          yield Optional.of(
              "Vector API kernels need the module jdk.incubator.vector: start Java with"
                  + " --add-modules jdk.incubator.vector.");
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

  KernelProvider provider() {
    return switch (this) {
      case VECTOR_API -> new VectorApiKernels();
      case SCALAR -> new ScalarKernels();
    };
  }
}
