package dev.tandem.aegis.digest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.aegis.TestEpisodes;
import dev.tandem.aegis.TestFailures;
import dev.tandem.aegis.TestRegistry;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.run.Step;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectories;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.spi.GeneralFailures;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class DigesterTest {
  private static final TaskSpec OTHER = TestEpisodes.task(Split.TRAIN, "place", 1);
  private static final TaskSpec TASK = TestEpisodes.task(Split.TRAIN, "place", 2);

  private static final Trajectory SOLVED =
      TestEpisodes.episode(
          "solved",
          OTHER,
          "h",
          true,
          TestFailures.steps("fine", "repeated_action", "fine", "fine"));

  private static Digest digest(HarnessConfig harness, Trajectory... failed) {
    List<Trajectory> all = new ArrayList<>(List.of(SOLVED));
    all.addAll(List.of(failed));
    return new Digester(TestRegistry.REGISTRY, new TestFailures())
        .digest(harness, all::forEach, Map.of());
  }

  private static Trajectory failed(String... commands) {
    return TestEpisodes.episode("failed", TASK, "h", false, TestFailures.steps(commands));
  }

  private static List<Anchor> anchors(Integer... steps) {
    return List.of(steps).stream().map(step -> new Anchor("failed", step)).toList();
  }

  @Test
  void anchorsWhatTheFamilyFindsAndNamesTheMostFrequent() {
    TaskDigest digest =
        digest(
                TestRegistry.BARE,
                failed("fine", "repeated_action", "searched_again", "repeated_action"))
            .tasks()
            .getLast();

    assertThat(digest.failures())
        .containsOnlyKeys(FailureCategory.REPEATED_ACTION, TestFailures.SEARCHED_AGAIN)
        .containsEntry(FailureCategory.REPEATED_ACTION, anchors(1, 3))
        .containsEntry(TestFailures.SEARCHED_AGAIN, anchors(2));
    assertThat(digest.primaryFailure()).contains(FailureCategory.REPEATED_ACTION);
    assertThat(digest.blame(TestFailures.SEARCHED_AGAIN)).isCloseTo(1 / 3.0, within(1e-12));
  }

  @Test
  void readsTheEpisodesOfAFamilyWithoutATaxonomyToo() {
    Digester general = new Digester(TestRegistry.REGISTRY, new GeneralFailures());
    List<Step> nothingDone =
        TestFailures.steps("knock", "knock").stream().map(DigesterTest::blocked).toList();

    TaskDigest digest =
        general
            .digest(
                TestRegistry.BARE,
                List.of(TestEpisodes.episode("failed", TASK, "h", false, nothingDone))::forEach,
                Map.of())
            .tasks()
            .getFirst();

    assertThat(digest.failures())
        .containsOnlyKeys(FailureCategory.NO_PROGRESS, FailureCategory.REPEATED_ACTION)
        .containsEntry(FailureCategory.NO_PROGRESS, anchors(0))
        .containsEntry(FailureCategory.REPEATED_ACTION, anchors(1));
  }

  /** The step as one that did nothing. */
  private static Step blocked(Step step) {
    Observation seen = step.after();
    Observation same =
        new Observation(seen.goal(), seen.text(), seen.facts(), false, seen.admissible());
    return new Step(step.index(), step.before(), "", step.action(), true, same);
  }

  @Test
  void explainsNothingWhereNoRuleApplies() {
    Trajectory interrupted =
        TestEpisodes.episode(
            "failed",
            TASK,
            "h",
            false,
            TestFailures.steps("fine"),
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
            TestFailures.steps("unparseable_response", "fine", "repeated_action"),
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
            failed("fine", "searched_again", "repeated_action"),
            TestEpisodes.episode("lucky", TASK, "h", true, TestFailures.steps("fine")));

    assertThat(digest.tasks().getFirst().outcome()).isEqualTo(TaskDigest.Outcome.SOLVED);
    assertThat(digest.tasks().getFirst().failures()).isEmpty();
    assertThat(digest.tasks().getFirst().tightness()).isEqualTo(4 / 20.0);
    assertThat(digest.tasks().getLast().outcome()).isEqualTo(TaskDigest.Outcome.UNSTABLE);
    assertThat(digest.failingShare()).isEqualTo(0.25);
  }

  /**
   * Of 2,000 episodes that are made as they are asked for, none is kept while the next are read.
   */
  @Test
  void keepsNoEpisode() {
    List<WeakReference<Trajectory>> made = new ArrayList<>();
    int[] mostAlive = new int[1];
    Trajectories source =
        reader -> {
          for (int i = 0; i < 2000; i++) {
            Trajectory one =
                TestEpisodes.episode(
                    "e" + i,
                    TestEpisodes.task(Split.TRAIN, "place", i % 50),
                    "h",
                    i % 3 == 0,
                    TestFailures.steps("fine", "repeated_action", "searched_again"));
            made.add(new WeakReference<>(one));
            reader.accept(one);
          }
          System.gc();
          mostAlive[0] = Math.max(mostAlive[0], alive(made));
        };

    Digest digest =
        new Digester(TestRegistry.REGISTRY, new TestFailures())
            .digest(TestRegistry.BARE, source, Map.of());

    assertThat(digest.attempts()).isEqualTo(2000);
    assertThat(made).hasSizeGreaterThanOrEqualTo(2000);
    assertThat(mostAlive[0]).isLessThanOrEqualTo(1);
  }

  private static int alive(List<WeakReference<Trajectory>> made) {
    return (int) made.stream().filter(one -> one.get() != null).count();
  }

  @Test
  void digestsTheSameInAnyOrder() {
    List<Trajectory> episodes = new ArrayList<>(List.of(SOLVED));
    for (int i = 0; i < 30; i++) {
      episodes.add(
          TestEpisodes.episode(
              "e" + i,
              TestEpisodes.task(Split.TRAIN, i % 7 < 4 ? "place" : "two", i % 7),
              "h",
              i % 5 == 0,
              TestFailures.steps("fine", i % 3 == 0 ? "searched_again" : "repeated_action"),
              i % 2 == 0 ? "renderer" : "guard"));
    }
    Digester digester = new Digester(TestRegistry.REGISTRY, new TestFailures());
    Digest digest = digester.digest(TestRegistry.BARE, episodes::forEach, Map.of());

    Collections.shuffle(episodes, new Random(3));

    assertThat(digester.digest(TestRegistry.BARE, episodes::forEach, Map.of())).isEqualTo(digest);
  }

  @Test
  void callsALostTaskARegressionOnlyAfterEnoughSuccesses() {
    Trajectory first = failed("fine");
    List<TaskRecord> proven = List.of(new TaskRecord(0, 2, 2), new TaskRecord(1, 2, 2));
    List<TaskRecord> shaky = List.of(new TaskRecord(0, 2, 2), new TaskRecord(1, 1, 2));
    Digester digester = new Digester(TestRegistry.REGISTRY, new TestFailures());

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
        .digest(TestRegistry.BARE, attempts::forEach, Map.of(TASK.key(), history))
        .tasks()
        .getFirst()
        .regressed();
  }
}
