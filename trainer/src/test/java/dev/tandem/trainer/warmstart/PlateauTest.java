package dev.tandem.trainer.warmstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

final class PlateauTest {
  @Test
  void goesOnAtFullSpeedWhileTheLossFalls() {
    List<Double> falling = List.of(2.0, 1.5, 1.2, 1.1, 1.09);
    assertThat(Plateau.scale(falling)).isEqualTo(1);
    assertThat(Plateau.isReached(falling)).isFalse();
  }

  @Test
  void aPassInVainMakesTheStepsSmallerAndDoesNotEndIt() {
    List<Double> once = List.of(2.0, 1.5, 1.5);
    assertThat(Plateau.scale(once)).isCloseTo(0.3, within(1e-12));
    assertThat(Plateau.isReached(once)).isFalse();
    assertThat(Plateau.isReached(List.of(2.0, 1.5, 1.5, 1.4, 1.5))).isFalse();
  }

  @Test
  void twoPassesInVainOneAfterTheOtherEndIt() {
    assertThat(Plateau.isReached(List.of(2.0, 1.5, 1.6, 1.499))).isTrue();
    assertThat(Plateau.isReached(List.of(1.5, 1.6, 1.55))).isTrue();
  }

  @Test
  void passesAreComparedWithTheBestAndNotWithTheLast() {
    assertThat(Plateau.isReached(List.of(1.0, 1.5, 1.2))).isTrue();
  }

  @Test
  void beforeThereIsSomethingToCompareNothingIsReached() {
    assertThat(Plateau.isReached(List.of())).isFalse();
    assertThat(Plateau.isReached(List.of(1.0))).isFalse();
    assertThat(Plateau.isReached(List.of(1.0, 1.0))).isFalse();
    assertThat(Plateau.scale(List.of())).isEqualTo(1);
  }
}
