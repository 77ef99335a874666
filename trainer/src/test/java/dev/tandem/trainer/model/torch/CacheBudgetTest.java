package dev.tandem.trainer.model.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import dev.tandem.trainer.model.TestModels;
import dev.tandem.trainer.model.sampling.SamplingLimits;
import org.junit.jupiter.api.Test;

final class CacheBudgetTest {
  private static final long GIB = 1L << 30;

  @Test
  void aQuarterOfTheMachineRoundedDownToAPowerOfTwo() {
    assertThat(CacheBudget.onCpu(23 * GIB, 22 * GIB)).isEqualTo(4 * GIB);
    assertThat(CacheBudget.onCpu(23 * GIB, 12 * GIB)).isEqualTo(4 * GIB);
    assertThat(CacheBudget.onCpu(64 * GIB, 60 * GIB)).isEqualTo(16 * GIB);
  }

  @Test
  void halfOfWhatIsAvailableWhereThatIsLess() {
    assertThat(CacheBudget.onCpu(23 * GIB, 5 * GIB)).isEqualTo(2 * GIB);
  }

  @Test
  void isBoundedBelowAndAbove() {
    assertThat(CacheBudget.onCpu(GIB, 0)).isEqualTo(GIB / 4);
    assertThat(CacheBudget.onCpu(4_000 * GIB, 4_000 * GIB)).isEqualTo(64 * GIB);
  }

  @Test
  void leavesAFifthOfAGpuToAStep() {
    assertThat(CacheBudget.onGpu(100 * GIB)).isEqualTo(80 * GIB);
  }

  @Test
  void isWhatSamplingTakesUnlessSomebodySaysOtherwise() {
    Execution execution = Execution.cpu(1);
    assertThat(SamplingLimits.defaults(TestModels.spec(), execution).cacheBytes())
        .isEqualTo(CacheBudget.of(Device.cpu()));
    assertThat(
            SamplingLimits.defaults(TestModels.spec(), execution.withCacheBytes(12_345))
                .cacheBytes())
        .isEqualTo(12_345);
  }
}
