package dev.tandem.rollout.house.failure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.Step;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.RandomStreams;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.house.HouseFamily;
import dev.tandem.rollout.house.world.HouseFacts;
import dev.tandem.rollout.house.world.HouseFailures;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.EpisodeContext;
import dev.tandem.rollout.spi.Expert;
import dev.tandem.rollout.spi.FailureTaxonomy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The rules learn their words from traces; here they meet real ones. */
final class HouseTaxonomyTest {
  private static final HouseFamily HOUSE = new HouseFamily();

  /** Decides what is done instead of the expert's command. */
  private interface Whim {
    String instead(String command, Observation observation, SplittableRandom random);
  }

  /** An expert's episode, with whims, that ends one step before it succeeds. */
  private static Trajectory cutShort(TaskSpec task, Whim whim) {
    SplittableRandom random = RandomStreams.stream(1, "whim", Integer.parseInt(task.id()));
    Environment world = HOUSE.open(task, EpisodeContext.of(1));
    Expert expert = HOUSE.expert(task).orElseThrow();
    Observation before = world.reset();
    List<Step> steps = new ArrayList<>();
    while (!world.isFinished() && steps.size() < 30) {
      expert.observe(before);
      String command = whim.instead(expert.act().text(), before, random);
      String state = world.stateHash().orElseThrow();
      Observation after = world.act(command);
      steps.add(new Step(steps.size(), before, state, command, true, after));
      before = after;
    }
    List<Step> cut = steps.subList(0, steps.size() - 1);
    Environment judge = HOUSE.open(task, EpisodeContext.of(1));
    judge.reset();
    Episode episode = new Episode(List.of(), cut, List.of(), ExitReason.STEP_BUDGET, "");
    return new Trajectory(
        "t" + task.id(), Phase.TRAIN, 0, task, "h", "expert", 0, episode, judge.verify(episode));
  }

  private static Map<FailureCategory, Integer> blamed(Whim whim) {
    List<Trajectory> episodes =
        HOUSE.tasks().tasks(Split.TRAIN, 0, 120).stream()
            .map(task -> cutShort(task, whim))
            .toList();
    FailureTaxonomy.Reader reader = HOUSE.failures().over(episodes::forEach);
    Map<FailureCategory, Integer> blamed = new HashMap<>();
    episodes.forEach(
        episode ->
            reader
                .failures(episode)
                .forEach((failure, steps) -> blamed.merge(failure, steps.size(), Integer::sum)));
    assertThat(HOUSE.failures().categories()).containsAll(blamed.keySet());
    return blamed;
  }

  @Test
  void blamesNothingButTheBudgetForWhatAnExpertDoes() {
    Map<FailureCategory, Integer> blamed = blamed((command, observation, random) -> command);

    assertThat(blamed).containsOnlyKeys(FailureCategory.OUT_OF_STEPS);
  }

  @Test
  void findsBabbleAndCommandsOutOfPlace() {
    assertThat(blamed(sometimes("mug the go")))
        .containsOnlyKeys(FailureCategory.UNPARSEABLE_RESPONSE, FailureCategory.OUT_OF_STEPS);
    assertThat(blamed(sometimes("take lamp 1 from bed 1")))
        .containsOnlyKeys(
            FailureCategory.INADMISSIBLE_ACTION,
            FailureCategory.REPEATED_ACTION,
            FailureCategory.OUT_OF_STEPS);
  }

  @Test
  void findsWhatWanderingDoes() {
    Whim anyPlace =
        (command, observation, random) ->
            random.nextDouble() < 0.3
                ? "go to " + anyOf(HouseFacts.of(observation).places(), random)
                : command;

    assertThat(blamed(anyPlace))
        .containsKeys(
            HouseFailures.REDUNDANT_SEARCH,
            HouseFailures.FORGOTTEN_SIGHTING,
            FailureCategory.LOST_PROGRESS)
        .doesNotContainKey(FailureCategory.UNPARSEABLE_RESPONSE);
  }

  private static String anyOf(List<String> places, SplittableRandom random) {
    return places.get(random.nextInt(places.size()));
  }

  private static Whim sometimes(String text) {
    return (command, observation, random) -> random.nextDouble() < 0.3 ? text : command;
  }
}
