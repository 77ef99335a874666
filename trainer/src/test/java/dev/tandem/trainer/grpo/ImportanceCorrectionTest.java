package dev.tandem.trainer.grpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ImportanceCorrectionTest {
  /** Ratios 1/2, 1, 3, and one far beyond what may be exponentiated. */
  private static final double[] TRAINER = {Math.log(0.5), 0, Math.log(3), 0};

  private static final double[] SAMPLER = {0, 0, 0, -900};

  @Test
  void truncatingHoldsLargeRatiosToTheCap() {
    assertThat(new ImportanceCorrection.Truncated(2).weights(TRAINER, SAMPLER))
        .containsExactly(new double[] {0.5, 1, 2, 2}, within(1e-15));
  }

  @Test
  void maskingDropsTokensAboveTheCap() {
    assertThat(new ImportanceCorrection.Masked(2).weights(TRAINER, SAMPLER))
        .containsExactly(new double[] {0.5, 1, 0, 0}, within(1e-15));
  }

  @Test
  void noneWeighsNothing() {
    assertThat(new ImportanceCorrection.None().weights(TRAINER, SAMPLER)).isNull();
  }

  @Test
  void wantsBothLogProbabilitiesOfEveryToken() {
    assertThatThrownBy(() -> new ImportanceCorrection.Truncated(2).weights(TRAINER, new double[1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("samplerLogProbs must have 4 entries, had 1");
  }
}
