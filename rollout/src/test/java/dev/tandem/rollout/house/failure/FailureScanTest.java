package dev.tandem.rollout.house.failure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.house.world.HouseFailures;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class FailureScanTest {
  private static final TaskSpec TASK =
      new TaskSpec("house", "1", "place", Split.TRAIN, "0".repeat(64), 20);

  /** A solved episode: from it the scan learns how commands look and what can be carried. */
  private static final Trajectory SOLVED =
      episode(
          ExitReason.FINISHED,
          "go to shelf 1",
          "take mug 1 from shelf 1",
          "go to cabinet 1",
          "put mug 1 on cabinet 1");

  private static Trajectory episode(ExitReason reason, String... commands) {
    boolean success = reason == ExitReason.FINISHED;
    return new Trajectory(
        "t",
        Phase.TRAIN,
        0,
        TASK,
        "h",
        "test",
        0,
        new Episode(List.of(), Playthrough.of(commands), List.of(), reason, ""),
        new Verdict(success, success ? 1 : 0, success ? 1 : 0, new TreeMap<>(), List.of()));
  }

  private static SortedMap<FailureCategory, List<Integer>> found(
      ExitReason reason, String... commands) {
    Trajectory failed = episode(reason, commands);
    return new HouseTaxonomy().over(List.of(SOLVED, failed)::forEach).failures(failed);
  }

  private static SortedMap<FailureCategory, List<Integer>> found(String... commands) {
    return found(ExitReason.STEP_BUDGET, commands);
  }

  @Test
  void tellsBabbleFromCommandsThatAreOutOfPlace() {
    SortedMap<FailureCategory, List<Integer>> found =
        found("go to shelf 2", "mug mug the", "take mug 1 from desk 1", "mug to to");

    assertThat(found)
        .containsEntry(FailureCategory.UNPARSEABLE_RESPONSE, List.of(1, 3))
        .containsEntry(FailureCategory.INADMISSIBLE_ACTION, List.of(2));
  }

  @Test
  void blamesTheSameActionInTheSameStateAsRepetition() {
    SortedMap<FailureCategory, List<Integer>> found =
        found("go to shelf 2", "go to shelf 2", "go to shelf 2", "go to shelf 2");

    assertThat(found)
        .containsEntry(FailureCategory.INADMISSIBLE_ACTION, List.of(1))
        .containsEntry(FailureCategory.REPEATED_ACTION, List.of(2, 3));
  }

  @Test
  void blamesGoingBackToSearchedPlacesWhileOthersAreLeft() {
    SortedMap<FailureCategory, List<Integer>> found =
        found("go to shelf 2", "go to desk 1", "go to shelf 2");

    assertThat(found)
        .containsOnlyKeys(HouseFailures.REDUNDANT_SEARCH)
        .containsEntry(HouseFailures.REDUNDANT_SEARCH, List.of(2));
  }

  @Test
  void blamesLeavingAWantedThingThatWasSeen() {
    SortedMap<FailureCategory, List<Integer>> found =
        found("go to shelf 1", "go to desk 1", "go to shelf 2");

    assertThat(found)
        .containsOnlyKeys(HouseFailures.FORGOTTEN_SIGHTING)
        .containsEntry(HouseFailures.FORGOTTEN_SIGHTING, List.of(1, 2));
  }

  @Test
  void doesNotBlameGoingBackToFetchWhatWasSeen() {
    SortedMap<FailureCategory, List<Integer>> found =
        found("go to shelf 1", "go to desk 1", "go to shelf 1", "take mug 1 from shelf 1");

    assertThat(found)
        .containsOnlyKeys(HouseFailures.FORGOTTEN_SIGHTING)
        .containsEntry(HouseFailures.FORGOTTEN_SIGHTING, List.of(1));
  }

  @Test
  void blamesPuttingTheWantedThingDownElsewhereAndTakingItBack() {
    SortedMap<FailureCategory, List<Integer>> found =
        found(
            "go to shelf 1",
            "take mug 1 from shelf 1",
            "go to desk 1",
            "put mug 1 on desk 1",
            "take mug 1 from desk 1",
            "go to cabinet 1",
            "put mug 1 on cabinet 1",
            "take mug 1 from cabinet 1");

    assertThat(found)
        .containsOnlyKeys(FailureCategory.LOST_PROGRESS)
        .containsEntry(FailureCategory.LOST_PROGRESS, List.of(3, 7));
  }

  @Test
  void blamesCarryingTheWantedThingInCircles() {
    SortedMap<FailureCategory, List<Integer>> found =
        found(
            "go to shelf 1",
            "take mug 1 from shelf 1",
            "go to desk 1",
            "go to shelf 2",
            "go to desk 1");

    assertThat(found).containsEntry(FailureCategory.LOST_PROGRESS, List.of(4));
  }

  @Test
  void blamesTheBudgetWhenNothingWasWasted() {
    SortedMap<FailureCategory, List<Integer>> found =
        found("go to desk 1", "go to shelf 2", "go to shelf 1", "take mug 1 from shelf 1");

    assertThat(found)
        .containsOnlyKeys(FailureCategory.OUT_OF_STEPS)
        .containsEntry(FailureCategory.OUT_OF_STEPS, List.of(3));
  }

  @Test
  void explainsNothingWhereNoRuleApplies() {
    assertThat(found(ExitReason.INTERRUPTED, "go to desk 1")).isEmpty();
  }
}
