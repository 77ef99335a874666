package dev.tandem.kernels;

/**
 * What this machine and JVM offer to the backends.
 *
 * @param vectorModule whether the module {@code jdk.incubator.vector} is in the boot layer
 * @param doubleLanes float64 lanes of the preferred vector; 0 without the module
 */
record HostCapabilities(boolean vectorModule, int doubleLanes) {
  static HostCapabilities detect() {
    boolean vectorModule = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    return new HostCapabilities(vectorModule, vectorModule ? VectorApiKernels.lanes() : 0);
  }
}
