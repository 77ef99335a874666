package dev.tandem.rollout.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.event.Observation;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.spi.Expert;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class HouseFamilyTest {
  private final HouseFamily family = new HouseFamily();

  @Test
  void splitsShareNoContent() {
    Set<String> seen = new HashSet<>();
    for (Split split : Split.values()) {
      for (TaskSpec task : family.tasks(split, 400)) {
        assertThat(task.split()).isEqualTo(split);
        assertThat(seen.add(task.contentHash())).as("content of task %d", task.index()).isTrue();
      }
    }
  }

  @Test
  void refusesATaskDeclaredForAnotherSplit() {
    TaskSpec task = family.tasks(Split.SEALED, 1).getFirst();
    assertThatThrownBy(
            () ->
                new TaskSpec(
                    task.family(),
                    task.category(),
                    Split.TRAIN,
                    task.index(),
                    task.contentHash(),
                    task.stepLimit()))
        .hasMessageContaining("belongs to split sealed");
  }

  @ParameterizedTest
  @EnumSource(Split.class)
  void everySplitHoldsAllSixTaskTypesInSimilarNumbers(Split split) {
    Map<String, Long> counts =
        family.tasks(split, 600).stream()
            .collect(Collectors.groupingBy(TaskSpec::category, Collectors.counting()));
    assertThat(counts.keySet())
        .containsExactlyInAnyOrder("place", "light", "clean", "heat", "cool", "two");
    assertThat(counts.values()).allMatch(count -> count > 70 && count < 130);
  }

  @Test
  void theSameCountOfTasksIsAPrefixOfMore() {
    assertThat(family.tasks(Split.GATE, 200).subList(0, 50))
        .isEqualTo(family.tasks(Split.GATE, 50));
  }

  @Test
  void theExpertSolvesEveryTaskWithinItsLimitUsingAdmissibleCommandsOnly() {
    for (TaskSpec task : family.tasks(Split.TRAIN, 500)) {
      HouseWorld world = new HouseWorld(HouseGenerator.generate(task.index()));
      Expert expert = family.expert(task);
      Observation observation = world.reset();
      int steps = 0;
      while (!world.isFinished()) {
        expert.observe(observation);
        String command = expert.act();
        assertThat(observation.admissible()).contains(command);
        observation = world.act(command);
        steps++;
        assertThat(steps).isLessThanOrEqualTo(task.stepLimit());
      }
    }
  }

  @Test
  void noHouseIsSolvedAtTheStart() {
    for (TaskSpec task : family.tasks(Split.TRAIN, 500)) {
      assertThat(family.open(task).isFinished()).isFalse();
    }
  }

  @Test
  void theVocabularyHoldsEveryWordTheHouseSays() {
    Set<String> vocabulary = Set.copyOf(family.vocabulary());
    for (TaskSpec task : family.tasks(Split.SEALED, 200)) {
      HouseWorld world = new HouseWorld(HouseGenerator.generate(task.index()));
      Expert expert = family.expert(task);
      Observation observation = world.reset();
      assertSpoken(observation, vocabulary);
      while (!world.isFinished()) {
        expert.observe(observation);
        observation = world.act(expert.act());
        assertSpoken(observation, vocabulary);
      }
    }
  }

  private static void assertSpoken(Observation observation, Set<String> vocabulary) {
    assertThat(words(observation.goal())).isSubsetOf(vocabulary);
    assertThat(words(observation.feedback())).isSubsetOf(vocabulary);
    observation.admissible().forEach(text -> assertThat(words(text)).isSubsetOf(vocabulary));
    observation.places().forEach(text -> assertThat(words(text)).isSubsetOf(vocabulary));
    observation
        .here()
        .ifPresent(
            place ->
                place.contents().forEach(text -> assertThat(words(text)).isSubsetOf(vocabulary)));
  }

  private static List<String> words(String text) {
    return Arrays.asList(text.split(" "));
  }
}
