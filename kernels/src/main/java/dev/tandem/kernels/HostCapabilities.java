package dev.tandem.kernels;

import dev.tandem.kernels.vector.VectorKernels;

/**
 * What this machine and JVM offer to the backends; whether a backend can serve is a pure function
 * of it, {@link KernelBackend#refusal}.
 *
 * @param vectorModule whether the module {@code jdk.incubator.vector} is in the boot layer
 * @param doubleLanes float64 lanes of the preferred vector; 0 without the module
 */
record HostCapabilities(boolean vectorModule, int doubleLanes) {
  static HostCapabilities detect() {
    boolean vectorModule = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    return new HostCapabilities(vectorModule, vectorModule ? VectorKernels.doubleLanes() : 0);
  }
}
