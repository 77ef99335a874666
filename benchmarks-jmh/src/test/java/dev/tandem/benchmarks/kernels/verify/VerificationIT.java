package dev.tandem.benchmarks.kernels.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tandem.kernels.cuda.CudaCapabilities;
import dev.tandem.kernels.cuda.CudaKernels;
import dev.tandem.kernels.cuda.CudaProbe;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Needs a GPU; skipped with the reason where there is none. */
final class VerificationIT {
  @Test
  void everyOperationAgreesWithTheOracleOnTheGpu() {
    CudaCapabilities capabilities = CudaCapabilities.of(CudaProbe.take());
    assumeTrue(
        capabilities instanceof CudaCapabilities.Usable,
        () -> capabilities instanceof CudaCapabilities.Refused refused ? refused.reason() : "");
    if (capabilities instanceof CudaCapabilities.Usable usable) {
      try (CudaKernels kernels = new CudaKernels(usable)) {
        List<Finding> findings =
            new Verification(kernels).run(Verification.Extent.FULL, List.of(), finding -> {});
        assertThat(findings).isNotEmpty().allMatch(Finding::passed);
      }
    }
  }
}
