package dev.tandem.kernels.cuda;

import java.util.Comparator;
import java.util.Optional;

/** Whether CUDA kernels can run, and how. */
public sealed interface CudaCapabilities {
  /**
   * They can.
   *
   * @param device the device to run on
   * @param driverVersion the CUDA version the driver serves, {@code 1000 * major + 10 * minor}
   * @param architecture the PTX that will be loaded, such as {@code sm_90}
   * @param isaVersion its PTX ISA version, such as {@code 7.8}
   */
  record Usable(CudaDevice device, int driverVersion, String architecture, String isaVersion)
      implements CudaCapabilities {
    /** One line for logs and reports. */
    public String description() {
      return "%s (compute capability %s, %d GiB), driver for CUDA %s, PTX %s for %s"
          .formatted(
              device.name(),
              device.computeCapability(),
              device.memoryBytes() >> 30,
              version(driverVersion),
              isaVersion,
              architecture);
    }

    PtxTarget target() {
      return PtxTarget.of(device, driverVersion).orElseThrow();
    }
  }

  /**
   * They cannot.
   *
   * @param reason one sentence that names the fix
   */
  record Refused(String reason) implements CudaCapabilities {}

  /**
   * Judges what a machine answered; takes the device of the highest compute capability, the first
   * of equals.
   */
  static CudaCapabilities of(CudaProbe probe) {
    if (!probe.problem().isEmpty() && probe.driverVersion() == 0) {
      return new Refused(
          "CUDA kernels need NVIDIA's driver and %s could not be loaded (%s): install the driver."
              .formatted(probe.library(), probe.problem()));
    }
    if (!probe.problem().isEmpty()) {
      return new Refused(
          "the CUDA driver is installed but does not start (%s): see that nvidia-smi lists a device."
              .formatted(probe.problem()));
    }
    if (probe.devices().isEmpty()) {
      return new Refused(
          "the CUDA driver shows no device: run on a machine with a GPU, or unset"
              + " CUDA_VISIBLE_DEVICES.");
    }
    Optional<CudaDevice> best =
        probe.devices().stream()
            .max(
                Comparator.comparingInt((CudaDevice device) -> device.major() * 10 + device.minor())
                    .thenComparing(Comparator.comparingInt(CudaDevice::ordinal).reversed()));
    return judge(best.orElseThrow(), probe.driverVersion());
  }

  private static CudaCapabilities judge(CudaDevice device, int driverVersion) {
    Optional<PtxTarget> target = PtxTarget.of(device, driverVersion);
    if (target.isPresent()) {
      return new Usable(
          device, driverVersion, target.get().architecture(), target.get().isaVersion());
    }
    if (!PtxTarget.SM_80.runsOn(device)) {
      return new Refused(
          "CUDA kernels need compute capability 8.0 and %s has %s: use an Ampere GPU or newer."
              .formatted(device.name(), device.computeCapability()));
    }
    return new Refused(
        "CUDA kernels need a driver for CUDA %s and this one serves %s: update the driver."
            .formatted(version(PtxTarget.SM_80.oldestDriver()), version(driverVersion)));
  }

  private static String version(int code) {
    return "%d.%d".formatted(code / 1000, code % 1000 / 10);
  }
}
