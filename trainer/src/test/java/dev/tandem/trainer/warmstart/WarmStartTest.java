package dev.tandem.trainer.warmstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.rollout.house.HouseFamily;
import dev.tandem.trainer.Tiny;
import dev.tandem.trainer.equipment.Outfit;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.WarmStartSettings;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WarmStartTest {
  private static final WarmStartSettings SETTINGS =
      new WarmStartSettings(40, 0.15, 0.5, 96, 2, 32, 1e-2, 0.01, 1);

  private static List<TrainRecord> lessons(WarmStartSettings settings, Policy policy) {
    return new WarmStart(settings, 7)
        .lessons(new HouseFamily(), Tiny.harness(), Outfit.of(Tiny.REGISTRY), policy.format());
  }

  private static List<Double> train(Policy policy, List<TrainRecord> lessons) {
    List<Double> losses = new ArrayList<>();
    WarmStart warmStart = new WarmStart(SETTINGS, 7);
    try (Optimiser optimiser = Tiny.optimiser(policy)) {
      warmStart.train(
          policy.decoder(),
          optimiser,
          lessons,
          (step, steps, loss) -> {
            losses.add(loss);
            assertThat(step).isEqualTo(losses.size());
            assertThat(steps).isEqualTo(warmStart.steps(lessons.size()));
          });
    }
    return losses;
  }

  @Test
  void lowersTheLossFromThatOfAGuess() {
    try (Policy policy = Tiny.policy(1)) {
      List<TrainRecord> lessons = lessons(SETTINGS, policy);
      List<Double> losses = train(policy, lessons);
      assertThat(losses).hasSize(new WarmStart(SETTINGS, 7).steps(lessons.size()));
      double guess = Math.log(policy.decoder().spec().vocabularySize());
      assertThat(losses.getFirst()).isBetween(0.9 * guess, 1.1 * guess);
      assertThat(losses.getLast()).isLessThan(0.5 * losses.getFirst());
    }
  }

  @Test
  void oneSeedIsOneModel() {
    try (Policy first = Tiny.policy(1);
        Policy second = Tiny.policy(1)) {
      List<TrainRecord> lessons = lessons(SETTINGS, first).subList(0, 64);
      assertThat(train(second, lessons)).isEqualTo(train(first, lessons));
      assertThat(second.decoder().weightsSha256()).isEqualTo(first.decoder().weightsSha256());
    }
  }

  @Test
  void leavesOutPromptsThatAreTooLong() {
    try (Policy policy = Tiny.policy(1)) {
      WarmStartSettings shorter = new WarmStartSettings(40, 0.15, 0.5, 40, 2, 32, 1e-2, 0.01, 1);
      List<TrainRecord> all = lessons(SETTINGS, policy);
      List<TrainRecord> kept = lessons(shorter, policy);
      assertThat(kept).isNotEmpty().allMatch(record -> record.prompt().length <= 40);
      assertThat(kept)
          .hasSize((int) all.stream().filter(record -> record.prompt().length <= 40).count())
          .hasSizeLessThan(all.size());
    }
  }

  @Test
  void theLastBatchOfAPassMayBeSmaller() {
    WarmStart warmStart = new WarmStart(SETTINGS, 7);
    assertThat(warmStart.steps(64)).isEqualTo(4);
    assertThat(warmStart.steps(65)).isEqualTo(6);
    assertThat(warmStart.steps(1)).isEqualTo(2);
  }
}
