package dev.tandem.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** What the driver refuses is said with its own words. */
final class CudaDriverTest {
  private final CudaDriver driver = new CudaDriver(EmulatedDriver.library().toString());

  @Test
  void aRefusedModuleCarriesTheCompilersWords() {
    assertThatThrownBy(() -> new CudaModule(driver, "no PTX at all", "nonsense.ptx"))
        .isInstanceOf(CudaException.class)
        .hasMessageContaining("nonsense.ptx")
        .hasMessageContaining("cuModuleLoadDataEx failed with CUDA_ERROR_INVALID_IMAGE")
        .hasMessageContaining("no .version directive");
  }

  @Test
  void aFailedCallNamesItselfAndTheDriversReason() {
    assertThatThrownBy(() -> driver.memFree.call(42L))
        .isInstanceOf(CudaException.class)
        .hasMessage("cuMemFree failed with CUDA_ERROR_INVALID_VALUE: invalid argument");
  }
}
