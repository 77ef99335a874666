package dev.tandem.trainer.grpo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DynamicSamplingTest {

  @ParameterizedTest
  @CsvSource({
    // half of the groups had a signal: twice as many tasks as groups are missing
    "16, 8, 16, 16",
    // none had: as if one in eight had
    "4, 0, 16, 32",
    "5, 0, 16, 32",
    // a wave is at least what is missing, and stops at the cap
    "17, 16, 16, 1",
    "64, 16, 44, 4",
    "64, 16, 48, 0",
    // enough
    "16, 16, 20, 0",
    "16, 20, 20, 0"
  })
  void playsAsManyTasksAsShouldDo(int wanted, int withSignal, int played, int further) {
    DynamicSampling refilled = new DynamicSampling.Refilled(wanted, 3);
    assertThat(refilled.further(withSignal, played, 16)).isEqualTo(further);
    assertThat(new DynamicSampling.Filtered().further(withSignal, played, 16)).isZero();
  }
}
