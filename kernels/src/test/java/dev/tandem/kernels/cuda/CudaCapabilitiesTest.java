package dev.tandem.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CudaCapabilitiesTest {
  private static final CudaDevice HOPPER = new CudaDevice(0, "NVIDIA H200", 141L << 30, 9, 0, 132);
  private static final CudaDevice AMPERE = new CudaDevice(1, "NVIDIA A100", 80L << 30, 8, 0, 108);
  private static final CudaDevice TURING = new CudaDevice(0, "Tesla T4", 16L << 30, 7, 5, 40);
  private static final CudaDevice BLACKWELL =
      new CudaDevice(0, "NVIDIA B200", 192L << 30, 10, 0, 148);

  private static CudaCapabilities judged(int driverVersion, CudaDevice... devices) {
    return CudaCapabilities.of(new CudaProbe("libcuda.so.1", "", driverVersion, List.of(devices)));
  }

  private static String refusal(CudaCapabilities capabilities) {
    return switch (capabilities) {
      case CudaCapabilities.Refused refused -> refused.reason();
      case CudaCapabilities.Usable usable -> "usable: " + usable;
    };
  }

  @Test
  void aMissingLibraryIsAnAnswerAndNotAnException() {
    CudaProbe probe = CudaProbe.take("libnosuchdriver.so.7");
    assertThat(probe.devices()).isEmpty();
    assertThat(refusal(CudaCapabilities.of(probe)))
        .contains("libnosuchdriver.so.7")
        .endsWith("install the driver.");
  }

  @Test
  void aLibraryThatIsNoDriverIsAnAnswerToo() {
    assertThat(refusal(CudaCapabilities.of(CudaProbe.take("libc.so.6"))))
        .contains("does not export");
  }

  @Test
  void aDriverThatDoesNotStartPointsToNvidiaSmi() {
    CudaProbe probe =
        new CudaProbe("libcuda.so.1", "cuInit failed with CUDA_ERROR_UNKNOWN", 12080, List.of());
    assertThat(refusal(CudaCapabilities.of(probe)))
        .contains("cuInit failed with CUDA_ERROR_UNKNOWN")
        .contains("nvidia-smi");
  }

  @Test
  void noDeviceMentionsTheVariableThatHidesThem() {
    assertThat(refusal(judged(12080))).contains("CUDA_VISIBLE_DEVICES");
  }

  @Test
  void anOldGpuIsNamedWithWhatItLacks() {
    assertThat(refusal(judged(12080, TURING)))
        .isEqualTo(
            "CUDA kernels need compute capability 8.0 and Tesla T4 has 7.5: use an Ampere GPU or"
                + " newer.");
  }

  @Test
  void anOldDriverIsNamedWithWhatItLacks() {
    assertThat(refusal(judged(10020, AMPERE)))
        .isEqualTo(
            "CUDA kernels need a driver for CUDA 11.0 and this one serves 10.2: update the"
                + " driver.");
  }

  @Test
  void theNewestDeviceIsTakenWithItsOwnPtx() {
    assertThat(judged(12080, AMPERE, HOPPER))
        .isEqualTo(new CudaCapabilities.Usable(HOPPER, 12080, "sm_90", "7.8"));
  }

  @Test
  void hopperUnderADriverWithoutItsPtxRunsAmperes() {
    assertThat(judged(11070, HOPPER))
        .isEqualTo(new CudaCapabilities.Usable(HOPPER, 11070, "sm_80", "7.0"));
  }

  @Test
  void aDeviceNewerThanAnyPtxRunsTheNewest() {
    assertThat(judged(13000, BLACKWELL))
        .isEqualTo(new CudaCapabilities.Usable(BLACKWELL, 13000, "sm_90", "7.8"));
  }
}
