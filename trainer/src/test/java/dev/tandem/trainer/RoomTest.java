package dev.tandem.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.recipe.RunConfig;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RoomTest {
  private static final long MEGABYTE = 1 << 20;

  /** The default House run, in 20 rounds, was measured at 37 MB; its model has 235,000 weights. */
  @Test
  void isEnoughForHouseAndNotManyTimesThat() {
    ModelSpec model = RunConfig.DEFAULTS.model().withVocabulary(250);
    assertThat(Room.of(RunConfig.DEFAULTS, Optional.of(model)))
        .isBetween(50 * MEGABYTE, 200 * MEGABYTE);
  }

  @Test
  void growsWithTheModelByFiveCheckpointsOfWeightsAndMoments() {
    ModelSpec small = RunConfig.DEFAULTS.model().withVocabulary(1_000);
    ModelSpec large = RunConfig.DEFAULTS.model().withVocabulary(101_000);
    long weights = large.parameters() - small.parameters();
    assertThat(
            Room.of(RunConfig.DEFAULTS, Optional.of(large))
                - Room.of(RunConfig.DEFAULTS, Optional.of(small)))
        .isEqualTo(5 * 12 * weights);
  }

  @Test
  void needsNoCheckpointsOfAModelThatAnswersFromOutside() {
    assertThat(Room.of(RunConfig.DEFAULTS, Optional.empty()))
        .isLessThan(
            Room.of(
                RunConfig.DEFAULTS, Optional.of(RunConfig.DEFAULTS.model().withVocabulary(250))));
  }
}
