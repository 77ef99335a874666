package dev.tandem.trainer.warmstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.trainer.Tiny;
import dev.tandem.trainer.equipment.Outfit;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class DemonstrationsTest {
  private static final int EPISODES = 30;

  private final RecordingHouse house = new RecordingHouse();

  private List<Demonstrations.Lesson> lessons(double noise, double plainShare, long seed) {
    HarnessConfig base = Tiny.harness();
    return new Demonstrations(
            house, new HarnessSampler(base, Outfit.of(Tiny.REGISTRY), plainShare), noise, seed)
        .collect(EPISODES);
  }

  private static List<String> commands(List<Demonstrations.Lesson> lessons) {
    return lessons.stream().map(lesson -> lesson.move().text()).toList();
  }

  @Test
  void teachesWhatTheExpertSaysAndSolvesEveryTaskWithoutNoise() {
    List<Demonstrations.Lesson> lessons = lessons(0, 1, 3);
    assertThat(commands(lessons)).isEqualTo(house.said).isEqualTo(house.carriedOut);
    assertThat(house.opened).hasSize(EPISODES).allMatch(Environment::isFinished);
  }

  @Test
  void teachesWhatTheExpertSaysWhateverIsCarriedOut() {
    List<Demonstrations.Lesson> lessons = lessons(0.5, 1, 3);
    assertThat(commands(lessons)).isEqualTo(house.said);
    assertThat(house.carriedOut).hasSameSizeAs(house.said);
    long different =
        IntStream.range(0, lessons.size())
            .filter(i -> !house.carriedOut.get(i).equals(house.said.get(i)))
            .count();
    assertThat((double) different / lessons.size()).isBetween(0.3, 0.55);
  }

  @Test
  void teachesWhatTheExpertSaysUnderVariedHarnessesToo() {
    assertThat(commands(lessons(0.3, 0, 4))).isEqualTo(house.said);
  }

  @Test
  void oneSeedIsOneSetOfLessons() {
    List<Demonstrations.Lesson> first = lessons(0.2, 0.25, 5);
    assertThat(lessons(0.2, 0.25, 5)).isEqualTo(first);
    assertThat(lessons(0.2, 0.25, 6)).isNotEqualTo(first);
  }

  @Test
  void fewerEpisodesAreTheFirstOfMore() {
    List<Demonstrations.Lesson> thirty = lessons(0.2, 0.25, 5);
    List<Demonstrations.Lesson> ten =
        new Demonstrations(
                house, new HarnessSampler(Tiny.harness(), Outfit.of(Tiny.REGISTRY), 0.25), 0.2, 5)
            .collect(10);
    assertThat(ten).isNotEmpty().isEqualTo(thirty.subList(0, ten.size()));
  }
}
