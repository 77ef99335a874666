package dev.tandem.trainer.model.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class LearningRateScheduleTest {

  private static final Offset<Double> EXACTLY = within(1e-15);

  @Test
  void aConstantRateRisesOverItsWarmUpAndStays() {
    LearningRateSchedule schedule = new LearningRateSchedule.Constant(0.4, 4);
    assertThat(schedule.at(0)).isCloseTo(0.1, EXACTLY);
    assertThat(schedule.at(1)).isCloseTo(0.2, EXACTLY);
    assertThat(schedule.at(3)).isEqualTo(0.4);
    assertThat(schedule.at(4)).isEqualTo(0.4);
    assertThat(schedule.at(1_000_000)).isEqualTo(0.4);
  }

  @Test
  void withoutAWarmUpTheFirstStepHasThePeak() {
    assertThat(new LearningRateSchedule.Constant(0.4, 0).at(0)).isEqualTo(0.4);
    assertThat(new LearningRateSchedule.Cosine(0.4, 0, 10).at(0)).isEqualTo(0.4);
  }

  @Test
  void aCosineFallsFromThePeakToNothing() {
    LearningRateSchedule schedule = new LearningRateSchedule.Cosine(0.4, 4, 12);
    assertThat(schedule.at(1)).isCloseTo(0.2, EXACTLY);
    assertThat(schedule.at(3)).isEqualTo(0.4);
    assertThat(schedule.at(4)).isEqualTo(0.4);
    assertThat(schedule.at(8)).isCloseTo(0.2, EXACTLY);
    assertThat(schedule.at(6)).isCloseTo(0.2 + 0.2 * Math.sqrt(0.5), EXACTLY);
    assertThat(schedule.at(11)).isBetween(0.0, 0.02);
    assertThat(schedule.at(12)).isZero();
    assertThat(schedule.at(100)).isZero();
    for (int step = 5; step <= 12; step++) {
      assertThat(schedule.at(step)).isLessThan(schedule.at(step - 1));
    }
  }

  @Test
  void aWarmUpLongerThanTheRunIsCutOff() {
    LearningRateSchedule schedule = new LearningRateSchedule.Cosine(1, 10, 5);
    assertThat(schedule.at(4)).isEqualTo(0.5);
    assertThat(schedule.at(9)).isEqualTo(1);
    assertThat(schedule.at(10)).isZero();
  }

  @Test
  void refusesRatesThatAreNone() {
    assertThatThrownBy(() -> new LearningRateSchedule.Constant(Double.NaN, 0))
        .hasMessageContaining("peak must not be negative, was NaN");
    assertThatThrownBy(() -> new LearningRateSchedule.Cosine(1, -1, 5))
        .hasMessageContaining("warmUpSteps must not be negative, was -1");
  }
}
