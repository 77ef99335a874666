package dev.tandem.aegis.study;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.aegis.study.Study.Way;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The main figures, by fewer runs than the table in the README rests on. */
final class StudyTest {
  private static final int SEEDS = 4;
  private static final StudySettings TEN_ROUNDS = new StudySettings(10, 64, 8, 16, 192);

  @Test
  void findsMostOfWhatIsThereInTenRoundsAndNothingHarmful() {
    Study study = new Study(SEEDS, TEN_ROUNDS);
    Study.Row strong = study.row(Profile.FEW_STRONG, Way.FACTORIAL);

    assertThat(strong.share().get(1)).isGreaterThan(0.8);
    assertThat(strong.harmful()).isZero();
    assertThat(strong.coverage()).isBetween(0.7, 1.0);
    assertThat(strong.found().get(1))
        .isGreaterThan(study.row(Profile.FEW_STRONG, Way.ONE_BY_ONE).found().get(1));
  }

  @Test
  void aLossConfinedToOneClusterDoesNotShip() {
    Study.Row confined = new Study(SEEDS, TEN_ROUNDS).row(Profile.CONFINED, Way.FACTORIAL);

    assertThat(confined.lostCluster()).isLessThanOrEqualTo(0.25);
  }

  @Test
  void oneSeedGivesTheSameFigures() {
    Study study = new Study(1, new StudySettings(3, 16, 8, 4, 100));

    assertThat(study.row(Profile.FEW_STRONG, Way.FACTORIAL))
        .isEqualTo(study.row(Profile.FEW_STRONG, Way.FACTORIAL));
  }

  @Test
  void takesOutALeverThatTurnedBadAndLeavesAnEqualVersionAlone() {
    assertThat(IntStream.range(0, 6).map(seed -> DriftStudy.roundsUntilReverted(seed, -15, 3)))
        .filteredOn(rounds -> rounds <= 3)
        .hasSizeGreaterThanOrEqualTo(5);
    assertThat(IntStream.range(0, 6).filter(seed -> DriftStudy.revertsAnEqual(seed, 15)).count())
        .isLessThanOrEqualTo(1);
  }
}
