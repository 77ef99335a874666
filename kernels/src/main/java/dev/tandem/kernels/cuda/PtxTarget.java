package dev.tandem.kernels.cuda;

import java.util.Optional;

/**
 * The PTX files that are shipped, newest architecture first. PTX for an architecture runs on it and
 * on every newer one, because the driver compiles it for the device at hand.
 *
 * <p>A file's ISA version decides the oldest driver that takes it. Each is the lowest that knows
 * the target and every instruction used: {@code sm_90} came with 7.8 (CUDA 11.8), {@code sm_80}
 * with 7.0 (CUDA 11.0). The build step that sets them is {@code src/main/cuda/build-ptx.sh}.
 */
enum PtxTarget {
  /** Hopper and newer. */
  SM_90(9, 0, 78, 11080),
  /** Ampere and Ada. */
  SM_80(8, 0, 70, 11000);

  private final int major;
  private final int minor;
  private final int isa;
  private final int oldestDriver;

  PtxTarget(int major, int minor, int isa, int oldestDriver) {
    this.major = major;
    this.minor = minor;
    this.isa = isa;
    this.oldestDriver = oldestDriver;
  }

  /** The newest that the device and the driver take; empty when neither file will do. */
  static Optional<PtxTarget> of(CudaDevice device, int driverVersion) {
    for (PtxTarget target : values()) {
      if (target.runsOn(device) && driverVersion >= target.oldestDriver) {
        return Optional.of(target);
      }
    }
    return Optional.empty();
  }

  boolean runsOn(CudaDevice device) {
    return device.major() * 10 + device.minor() >= major * 10 + minor;
  }

  /**
   * The oldest CUDA version whose driver accepts the file, as {@code cuDriverGetVersion} counts.
   */
  int oldestDriver() {
    return oldestDriver;
  }

  /** The architecture's name for compilers, such as {@code sm_90}. */
  String architecture() {
    return "sm_%d%d".formatted(major, minor);
  }

  /** The file's {@code .version} line, such as {@code 7.8}. */
  String isaVersion() {
    return "%d.%d".formatted(isa / 10, isa % 10);
  }

  /** The resource's name, beside this class. */
  String resource() {
    return "kernels_%s.ptx".formatted(architecture());
  }
}
