package dev.tandem.aegis.digest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.aegis.Playthrough;
import dev.tandem.aegis.TestEpisodes;
import dev.tandem.aegis.TestRegistry;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class DigesterTest {
  private static final TaskSpec OTHER = TestEpisodes.task(Split.TRAIN, "place", 1);
  private static final TaskSpec TASK = TestEpisodes.task(Split.TRAIN, "place", 2);

  /** A solved episode: from it the digester learns how commands look and what can be carried. */
  private static final Trajectory SOLVED =
      TestEpisodes.episode(
          "solved",
          OTHER,
          "h",
          true,
          Playthrough.of(
              "go to shelf 1",
              "take mug 1 from shelf 1",
              "go to cabinet 1",
              "put mug 1 on cabinet 1"));

  private static Digest digest(HarnessConfig harness, Trajectory... failed) {
    List<Trajectory> all = new ArrayList<>(List.of(SOLVED));
    all.addAll(List.of(failed));
    return new Digester(TestRegistry.REGISTRY).digest(harness, all, Map.of());
  }

  private static Trajectory failed(String... commands) {
    return TestEpisodes.episode("failed", TASK, "h", false, Playthrough.of(commands));
  }

  private static TaskDigest digestOf(String... commands) {
    return digest(TestRegistry.BARE, failed(commands)).tasks().getLast();
  }

  private static List<Anchor> anchors(Integer... steps) {
    return List.of(steps).stream().map(step -> new Anchor("failed", step)).toList();
  }

  @Test
  void tellsBabbleFromCommandsThatAreOutOfPlace() {
    TaskDigest digest =
        digestOf("go to shelf 2", "mug mug the", "take mug 1 from desk 1", "mug to to");

    assertThat(digest.failures())
        .containsEntry(FailureCategory.UNPARSEABLE_RESPONSE, anchors(1, 3))
        .containsEntry(FailureCategory.INADMISSIBLE_ACTION, anchors(2));
    assertThat(digest.primaryFailure()).contains(FailureCategory.UNPARSEABLE_RESPONSE);
  }

  @Test
  void blamesTheSameActionInTheSameStateAsRepetition() {
    TaskDigest digest =
        digestOf("go to shelf 2", "go to shelf 2", "go to shelf 2", "go to shelf 2");

    assertThat(digest.failures())
        .containsEntry(FailureCategory.INADMISSIBLE_ACTION, anchors(1))
        .containsEntry(FailureCategory.REPEATED_ACTION, anchors(2, 3));
    assertThat(digest.primaryFailure()).contains(FailureCategory.REPEATED_ACTION);
  }

  @Test
  void blamesGoingBackToSearchedPlacesWhileOthersAreLeft() {
    TaskDigest digest = digestOf("go to shelf 2", "go to desk 1", "go to shelf 2");

    assertThat(digest.failures())
        .containsOnlyKeys(FailureCategory.REDUNDANT_SEARCH)
        .containsEntry(FailureCategory.REDUNDANT_SEARCH, anchors(2));
  }

  @Test
  void blamesLeavingAWantedThingThatWasSeen() {
    TaskDigest digest = digestOf("go to shelf 1", "go to desk 1", "go to shelf 2");

    assertThat(digest.failures())
        .containsOnlyKeys(FailureCategory.FORGOTTEN_SIGHTING)
        .containsEntry(FailureCategory.FORGOTTEN_SIGHTING, anchors(1, 2));
  }

  @Test
  void doesNotBlameGoingBackToFetchWhatWasSeen() {
    TaskDigest digest =
        digestOf("go to shelf 1", "go to desk 1", "go to shelf 1", "take mug 1 from shelf 1");

    assertThat(digest.failures())
        .containsOnlyKeys(FailureCategory.FORGOTTEN_SIGHTING)
        .containsEntry(FailureCategory.FORGOTTEN_SIGHTING, anchors(1));
  }

  @Test
  void blamesPuttingTheWantedThingDownElsewhereAndTakingItBack() {
    TaskDigest digest =
        digestOf(
            "go to shelf 1",
            "take mug 1 from shelf 1",
            "go to desk 1",
            "put mug 1 on desk 1",
            "take mug 1 from desk 1",
            "go to cabinet 1",
            "put mug 1 on cabinet 1",
            "take mug 1 from cabinet 1");

    assertThat(digest.failures())
        .containsOnlyKeys(FailureCategory.LOST_PROGRESS)
        .containsEntry(FailureCategory.LOST_PROGRESS, anchors(3, 7));
  }

  @Test
  void blamesCarryingTheWantedThingInCircles() {
    TaskDigest digest =
        digestOf(
            "go to shelf 1",
            "take mug 1 from shelf 1",
            "go to desk 1",
            "go to shelf 2",
            "go to desk 1");

    assertThat(digest.failures()).containsEntry(FailureCategory.LOST_PROGRESS, anchors(4));
  }

  @Test
  void blamesTheBudgetWhenNothingWasWasted() {
    TaskDigest digest =
        digestOf("go to desk 1", "go to shelf 2", "go to shelf 1", "take mug 1 from shelf 1");

    assertThat(digest.failures())
        .containsOnlyKeys(FailureCategory.OUT_OF_STEPS)
        .containsEntry(FailureCategory.OUT_OF_STEPS, anchors(3));
  }

  @Test
  void explainsNothingWhereNoRuleApplies() {
    Trajectory interrupted =
        TestEpisodes.episode(
            "failed",
            TASK,
            "h",
            false,
            Playthrough.of("go to desk 1"),
            ExitReason.INTERRUPTED,
            List.of());

    TaskDigest digest = digest(TestRegistry.BARE, interrupted).tasks().getLast();

    assertThat(digest.outcome()).isEqualTo(TaskDigest.Outcome.FAILED);
    assertThat(digest.primaryFailure()).isEmpty();
  }

  @Test
  void implicatesProcessorsThatShouldHaveHelpedOrActedThere() {
    HarnessConfig harness =
        HarnessConfig.of(ProcessorSpec.of("guard"), ProcessorSpec.of("searched"));
    Trajectory looping =
        TestEpisodes.episode(
            "failed",
            TASK,
            "h",
            false,
            Playthrough.of("mug", "go to desk 1", "go to desk 1", "go to desk 1"),
            "renderer");

    TaskDigest digest = digest(harness, looping).tasks().getLast();

    assertThat(digest.implicated()).containsExactly("guard", "renderer");
    assertThat(digest.active()).containsExactly("renderer");
  }

  @Test
  void sumsUpSeveralAttemptsAtATask() {
    Digest digest =
        digest(
            TestRegistry.BARE,
            failed("go to shelf 2", "go to desk 1", "go to shelf 2"),
            TestEpisodes.episode("lucky", TASK, "h", true, Playthrough.of("go to shelf 1")));

    assertThat(digest.tasks().getFirst().outcome()).isEqualTo(TaskDigest.Outcome.SOLVED);
    assertThat(digest.tasks().getFirst().failures()).isEmpty();
    assertThat(digest.tasks().getFirst().tightness()).isEqualTo(4 / 20.0);
    assertThat(digest.tasks().getLast().outcome()).isEqualTo(TaskDigest.Outcome.UNSTABLE);
    assertThat(digest.failingShare()).isEqualTo(0.25);
  }

  @Test
  void callsALostTaskARegressionOnlyAfterEnoughSuccesses() {
    Trajectory first = failed("go to desk 1");
    List<TaskRecord> proven = List.of(new TaskRecord(0, 2, 2), new TaskRecord(1, 2, 2));
    List<TaskRecord> shaky = List.of(new TaskRecord(0, 2, 2), new TaskRecord(1, 1, 2));
    Digester digester = new Digester(TestRegistry.REGISTRY);

    assertThat(
            List.of(
                regressed(digester, List.of(first, first), proven),
                regressed(digester, List.of(first), proven),
                regressed(digester, List.of(first, first), shaky)))
        .containsExactly(true, false, false);
  }

  private static boolean regressed(
      Digester digester, List<Trajectory> attempts, List<TaskRecord> history) {
    return digester
        .digest(TestRegistry.BARE, attempts, Map.of(TASK.key(), history))
        .tasks()
        .getFirst()
        .regressed();
  }
}
