package dev.tandem.kernels;

import dev.tandem.kernels.cuda.CudaCapabilities;
import dev.tandem.kernels.cuda.CudaProbe;
import dev.tandem.kernels.vector.VectorKernels;

/**
 * What this machine and JVM offer to the backends; whether a backend can serve is a pure function
 * of it, {@link KernelBackend#refusal}.
 *
 * @param virtualMachine the JVM
 * @param vectorModule whether the module {@code jdk.incubator.vector} is in the boot layer
 * @param doubleLanes float64 lanes of the preferred vector; 0 without the module
 * @param cuda what the GPU driver offers, or why it offers nothing
 */
record HostCapabilities(
    VirtualMachine virtualMachine, boolean vectorModule, int doubleLanes, CudaCapabilities cuda) {
  /** A host whose GPUs, if any, are of no interest. */
  HostCapabilities(VirtualMachine virtualMachine, boolean vectorModule, int doubleLanes) {
    this(
        virtualMachine,
        vectorModule,
        doubleLanes,
        new CudaCapabilities.Refused("the GPU driver was not asked."));
  }

  /** Asks the GPU driver too, which takes a moment where there is one. */
  static HostCapabilities detectWithCuda() {
    HostCapabilities host = detect();
    return new HostCapabilities(
        host.virtualMachine(),
        host.vectorModule(),
        host.doubleLanes(),
        CudaCapabilities.of(CudaProbe.take()));
  }

  /** Asks the JVM and the processor. */
  static HostCapabilities detect() {
    boolean vectorModule = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    return new HostCapabilities(
        VirtualMachine.ofThisProcess(),
        vectorModule,
        vectorModule ? VectorKernels.doubleLanes() : 0);
  }
}
