package dev.tandem.benchmarks.kernels;

import dev.tandem.kernels.KernelBackend;
import dev.tandem.kernels.Kernels;

/** Who does an operation, each on one thread. */
public enum ComparedBackend {
  /** Our oracle. */
  SCALAR,
  /** Our fast one. */
  VECTOR_API,
  /** PyTorch's CPU kernels through DJL, for comparison. */
  LIBTORCH,
  /** Deeplearning4j's CPU kernels, for comparison. */
  ND4J;

  /** Our kernels of this name. */
  Kernels kernels() {
    return switch (this) {
      case SCALAR -> Kernels.scalar();
      case VECTOR_API -> Kernels.on(KernelBackend.VECTOR_API);
      case LIBTORCH, ND4J -> throw new IllegalStateException(this + " is no backend of ours");
    };
  }
}
