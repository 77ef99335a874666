package dev.tandem.trainer.warmstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.rollout.Split;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.trainer.Tiny;
import dev.tandem.trainer.equipment.Outfit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class DemonstrationsTest {
  private static final int EPISODES = 30;

  private final RecordingHouse house = new RecordingHouse();

  private Demonstrations demonstrations(double noise, double plainShare, long seed) {
    HarnessSampler harnesses =
        new HarnessSampler(Tiny.harness(), Outfit.of(Tiny.REGISTRY), plainShare);
    return new Demonstrations(
        house, house.tasks().tasks(Split.TRAIN, 100, EPISODES), harnesses, noise, seed);
  }

  private List<Demonstrator.Lesson> lessons(double noise, double plainShare, long seed) {
    return demonstrations(noise, plainShare, seed).show(0, EPISODES, 0);
  }

  private static List<String> commands(List<Demonstrator.Lesson> lessons) {
    return lessons.stream().map(lesson -> lesson.move().text()).toList();
  }

  @Test
  void teachesWhatTheExpertSaysAndSolvesEveryTaskWithoutNoise() {
    List<Demonstrator.Lesson> lessons = lessons(0, 1, 3);
    assertThat(commands(lessons)).isEqualTo(house.said).isEqualTo(house.carriedOut);
    assertThat(house.opened).hasSize(EPISODES).allMatch(Environment::isFinished);
  }

  @Test
  void teachesWhatTheExpertSaysWhateverIsCarriedOut() {
    List<Demonstrator.Lesson> lessons = lessons(0.5, 1, 3);
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
    List<Demonstrator.Lesson> first = lessons(0.2, 0.25, 5);
    assertThat(lessons(0.2, 0.25, 5)).isEqualTo(first);
    assertThat(lessons(0.2, 0.25, 6)).isNotEqualTo(first);
  }

  @Test
  void partsMakeUpTheWhole() {
    List<Demonstrator.Lesson> all = lessons(0.2, 0.25, 5);
    Demonstrations demonstrations = demonstrations(0.2, 0.25, 5);
    List<Demonstrator.Lesson> parts = new ArrayList<>(demonstrations.show(0, 10, 0));
    assertThat(parts).isNotEmpty();
    parts.addAll(demonstrations.show(10, EPISODES, 0));
    assertThat(parts).isEqualTo(all);
  }

  @Test
  void eachPassShowsTheSameTasksThroughOtherHarnessesAndMishaps() {
    Demonstrations demonstrations = demonstrations(0.2, 0.25, 5);
    List<Demonstrator.Lesson> first = demonstrations.show(0, EPISODES, 0);
    List<Demonstrator.Lesson> second = demonstrations.show(0, EPISODES, 1);
    assertThat(second).isNotEqualTo(first);
    Set<String> goals = goals(first);
    assertThat(goals(second)).isEqualTo(goals);
    assertThat(commands(second)).isNotEqualTo(commands(first));
    assertThat(first.stream().map(Demonstrator.Lesson::messages).distinct().count())
        .isGreaterThan(first.size() / 2);
  }

  /** What the tasks are about, by what is taken. */
  private static Set<String> goals(List<Demonstrator.Lesson> lessons) {
    return lessons.stream()
        .map(lesson -> lesson.move().text())
        .filter(text -> text.startsWith("take "))
        .map(text -> text.split(" ", -1)[1])
        .collect(Collectors.toSet());
  }
}
