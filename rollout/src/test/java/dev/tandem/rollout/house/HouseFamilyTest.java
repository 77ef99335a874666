package dev.tandem.rollout.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.value.ArgumentValues;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.house.world.HouseFacts;
import dev.tandem.rollout.house.world.HouseGenerator;
import dev.tandem.rollout.house.world.HouseWorld;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.EpisodeContext;
import dev.tandem.rollout.spi.Expert;
import dev.tandem.rollout.testkit.EnvironmentContract;
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
      for (TaskSpec task : family.tasks().tasks(split, 0, 400)) {
        assertThat(task.split()).isEqualTo(split);
        assertThat(seen.add(task.contentHash())).as("content of task %s", task.id()).isTrue();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Split.class)
  void everySplitHoldsAllSixTaskTypesInSimilarNumbers(Split split) {
    Map<String, Long> counts =
        family.tasks().tasks(split, 0, 600).stream()
            .collect(Collectors.groupingBy(TaskSpec::category, Collectors.counting()));
    assertThat(counts.keySet())
        .containsExactlyInAnyOrder("place", "light", "clean", "heat", "cool", "two");
    assertThat(counts.values()).allMatch(count -> count > 70 && count < 130);
  }

  @Test
  void theSameCountOfTasksIsAPrefixOfMore() {
    assertThat(family.tasks().tasks(Split.GATE, 0, 200).subList(0, 50))
        .isEqualTo(family.tasks().tasks(Split.GATE, 0, 50));
  }

  private EnvironmentFamily configured(Map<String, Object> given) {
    return family.configured(ArgumentValues.of("environment 'house'", family.parameters(), given));
  }

  @Test
  void itsDefaultsAreTheFamilyItself() {
    assertThat(configured(Map.of()).tasks().tasks(Split.TRAIN, 0, 60))
        .isEqualTo(family.tasks().tasks(Split.TRAIN, 0, 60));
    assertThat(family.tasks().size(Split.TRAIN)).isEmpty();
  }

  @Test
  void fewerTypesAreTheSameHousesWithoutTheOthers() {
    List<TaskSpec> chosen =
        configured(Map.of("types", List.of("two", "light"))).tasks().tasks(Split.TRAIN, 0, 40);

    assertThat(chosen)
        .isEqualTo(
            family.tasks().tasks(Split.TRAIN, 0, 200).stream()
                .filter(task -> Set.of("light", "two").contains(task.category()))
                .limit(40)
                .toList());
  }

  @Test
  void slackIsWhatIsGivenBeyondTheExpertsSteps() {
    EnvironmentFamily strict =
        configured(Map.of("tight_slack", 0, "usual_slack", 0, "ample_slack", 0));

    for (TaskSpec task : strict.tasks().tasks(Split.GATE, 0, 20)) {
      int index = Integer.parseInt(task.id());
      assertThat(task.stepLimit())
          .isEqualTo(HouseFamily.expertSteps(HouseGenerator.generate(index)));
    }
  }

  @Test
  void aLoopholeLetsTheAgentSayThatItIsDone() {
    EnvironmentFamily open = configured(Map.of("loophole", true));
    TaskSpec task = open.tasks().tasks(Split.TRAIN, 0, 1).getFirst();
    Episode nothing = new Episode(List.of(), List.of(), List.of(), ExitReason.FINISHED, "");
    try (Environment honest = family.open(task, EpisodeContext.of(1));
        Environment gamed = open.open(task, EpisodeContext.of(1))) {
      assertThat(honest.reset().commands()).doesNotContain("done");
      assertThat(gamed.reset().commands()).contains("done");
      Environment.Snapshot before = gamed.snapshot();

      gamed.act("done");

      assertThat(gamed.isFinished()).isTrue();
      assertThat(gamed.verify(nothing))
          .satisfies(
              verdict -> {
                assertThat(verdict.success()).isFalse();
                assertThat(verdict.strict()).isZero();
                assertThat(verdict.lenient()).isEqualTo(1);
                assertThat(verdict.exploitFlags()).containsExactly("premature_done");
              });
      gamed.restore(before);
      assertThat(gamed.isFinished()).isFalse();
      assertThat(gamed.verify(nothing)).isEqualTo(honest.verify(nothing));
    }
    assertThat(open.vocabulary()).contains("done");
    assertThat(EnvironmentContract.check(open)).isEmpty();
  }

  @Test
  void aNumberOfTasksMakesItFinite() {
    EnvironmentFamily few = configured(Map.of("tasks", 90));

    int all = 0;
    for (Split split : Split.values()) {
      int size = few.tasks().size(split).orElseThrow();
      all += size;
      assertThat(few.tasks().tasks(split, 0, size)).isEqualTo(family.tasks().tasks(split, 0, size));
    }
    assertThat(all).isEqualTo(90);
    assertThat(EnvironmentContract.check(few)).isEmpty();
  }

  @Test
  void refusesTypesThatItDoesNotHave() {
    assertThatThrownBy(() -> configured(Map.of("types", List.of("plase"))))
        .isInstanceOf(HarnessException.class)
        .hasMessageContaining("there is no type of task 'plase'")
        .hasMessageContaining("place");
    assertThatThrownBy(() -> configured(Map.of("types", List.of())))
        .hasMessageContaining("at least one of [place");
  }

  @Test
  void theExpertSolvesEveryTaskWithinItsLimitUsingAdmissibleCommandsOnly() {
    for (TaskSpec task : family.tasks().tasks(Split.TRAIN, 0, 500)) {
      HouseWorld world = new HouseWorld(HouseGenerator.generate(Integer.parseInt(task.id())));
      Expert expert = family.expert(task).orElseThrow();
      Observation observation = world.reset();
      int steps = 0;
      while (!world.isFinished()) {
        expert.observe(observation);
        String command = expert.act().text();
        assertThat(observation.commands()).contains(command);
        observation = world.act(command);
        steps++;
        assertThat(steps).isLessThanOrEqualTo(task.stepLimit());
      }
    }
  }

  @Test
  void noHouseIsSolvedAtTheStart() {
    for (TaskSpec task : family.tasks().tasks(Split.TRAIN, 0, 500)) {
      assertThat(family.open(task, EpisodeContext.of(1)).isFinished()).isFalse();
    }
  }

  @Test
  void theVocabularyHoldsEveryWordTheHouseSays() {
    Set<String> vocabulary = Set.copyOf(family.vocabulary());
    for (TaskSpec task : family.tasks().tasks(Split.SEALED, 0, 200)) {
      HouseWorld world = new HouseWorld(HouseGenerator.generate(Integer.parseInt(task.id())));
      Expert expert = family.expert(task).orElseThrow();
      Observation observation = world.reset();
      assertSpoken(observation, vocabulary);
      while (!world.isFinished()) {
        expert.observe(observation);
        observation = world.act(expert.act().text());
        assertSpoken(observation, vocabulary);
      }
    }
  }

  private static void assertSpoken(Observation observation, Set<String> vocabulary) {
    assertThat(words(observation.goal())).isSubsetOf(vocabulary);
    assertThat(words(observation.text())).isSubsetOf(vocabulary);
    observation.commands().forEach(text -> assertThat(words(text)).isSubsetOf(vocabulary));
    HouseFacts facts = HouseFacts.of(observation);
    facts.places().forEach(text -> assertThat(words(text)).isSubsetOf(vocabulary));
    facts.here().stream()
        .flatMap(place -> place.contents().stream())
        .forEach(text -> assertThat(words(text)).isSubsetOf(vocabulary));
  }

  private static List<String> words(String text) {
    return Arrays.asList(text.split(" "));
  }
}
