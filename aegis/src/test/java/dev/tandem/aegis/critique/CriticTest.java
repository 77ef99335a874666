package dev.tandem.aegis.critique;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.aegis.TestEpisodes;
import dev.tandem.aegis.TestFailures;
import dev.tandem.aegis.TestRegistry;
import dev.tandem.aegis.digest.Anchor;
import dev.tandem.aegis.digest.Digest;
import dev.tandem.aegis.digest.Digester;
import dev.tandem.aegis.digest.TaskRecord;
import dev.tandem.aegis.evolve.Candidate;
import dev.tandem.aegis.evolve.Manifest;
import dev.tandem.aegis.evolve.Signature;
import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.aegis.plan.EditSpace;
import dev.tandem.aegis.plan.Landscape;
import dev.tandem.aegis.plan.Planner;
import dev.tandem.aegis.plan.Reputations;
import dev.tandem.aegis.plan.TriedEdit;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class CriticTest {
  private static final Critic CRITIC = new Critic(0.25);

  private static Candidate candidate(String type, FailureCategory target) {
    HarnessEdit edit = new HarnessEdit.Insert(ProcessorSpec.of(type));
    return new Candidate(
        edit,
        TestRegistry.BARE.apply(edit, TestRegistry.REGISTRY),
        new Manifest(
            "r0003-" + type,
            List.of(Manifest.Bucket.PROCESSOR),
            "helps",
            List.of(new Anchor("t", 0)),
            List.of("added " + type),
            List.of("test/1", "test/2", "test/3", "test/4"),
            List.of("test/5"),
            List.of("test/6"),
            new Signature(type, true)),
        List.of(target),
        1,
        false);
  }

  private static final Candidate GUARD = candidate("guard", FailureCategory.REPEATED_ACTION);
  private static final Candidate SEARCHED = candidate("searched", TestFailures.SEARCHED_AGAIN);

  /** Tasks 1 to 6, each solved or not. */
  private static List<Trajectory> arm(String results, String... acted) {
    List<Trajectory> arm = new ArrayList<>();
    for (int i = 0; i < results.length(); i++) {
      TaskSpec task = TestEpisodes.task(Split.TRAIN, "place", i + 1);
      arm.add(TestEpisodes.episode("e" + i, task, "h", results.charAt(i) == '+', List.of(), acted));
    }
    return arm;
  }

  private static Assessment assess(String incumbent, String challenger, String... acted) {
    return CRITIC.assess(GUARD, arm(incumbent), arm(challenger, acted));
  }

  @Test
  void countsPredictionsThatCameTrue() {
    Assessment assessment = assess("-----+", "++--++", "guard");

    assertThat(assessment.endorsed()).isTrue();
    assertThat(List.of(assessment.wins(), assessment.losses())).containsExactly(3, 0);
    assertThat(List.of(assessment.hits(), assessment.predictions())).containsExactly(4, 6);
  }

  @Test
  void dropsAChallengerWithoutItsSignature() {
    assertThat(assess("------", "++++++", "searched").reason()).contains("signature is missing");
  }

  @Test
  void dropsAChallengerThatHelpedNoneOfItsTasks() {
    assertThat(assess("-----+", "-----+", "guard"))
        .matches(assessment -> !assessment.endorsed())
        .extracting(Assessment::reason)
        .isEqualTo("none of the 5 tasks it was to help was helped");
  }

  @Test
  void dropsAChallengerThatLosesMoreThanItWins() {
    assertThat(assess("-+++++", "+-----", "guard"))
        .matches(assessment -> !assessment.endorsed())
        .extracting(Assessment::reason)
        .isEqualTo("it solved 5 tasks less often than the incumbent and 1 more often");
  }

  private static Landscape landscape(Map<String, List<TaskRecord>> history) {
    List<Trajectory> traces = new ArrayList<>();
    TaskSpec one = TestEpisodes.task(Split.TRAIN, "place", 1);
    TaskSpec two = TestEpisodes.task(Split.TRAIN, "place", 2);
    for (int attempt = 0; attempt < 2; attempt++) {
      traces.add(TestEpisodes.episode("l", one, "h", false, TestFailures.steps(TestFailures.LOOP)));
      traces.add(
          TestEpisodes.episode(
              "s", two, "h", false, TestFailures.steps("fine", "fine", "searched_again", "fine")));
    }
    Digest digest =
        new Digester(TestRegistry.REGISTRY, new TestFailures())
            .digest(TestRegistry.BARE, traces, history);
    return new Planner(new EditSpace(TestRegistry.REGISTRY, RedLines.NONE))
        .plan(digest, TestRegistry.BARE, List.of());
  }

  private static Critic.Choice choose(
      Landscape landscape, Reputations reputations, List<TriedEdit> tried) {
    return CRITIC.choose(List.of(GUARD, SEARCHED), landscape, reputations, tried, 3);
  }

  @Test
  void prefersTheLeverWithTheBetterReputation() {
    Landscape landscape = landscape(Map.of());
    Reputations guardFailed =
        Reputations.NONE
            .after(GUARD.family(), GUARD.targets(), false)
            .after(GUARD.family(), GUARD.targets(), false);

    assertThat(choose(landscape, guardFailed, List.of()).challenger()).contains(SEARCHED);
  }

  @Test
  void blocksALeverThatKeepsShippingWithoutKeepingItsPromises() {
    TriedEdit ship =
        new TriedEdit(GUARD.edit(), 1, TriedEdit.Fate.SHIPPED, GUARD.targets(), 1, 1, 5);
    Critic.Choice choice =
        choose(
            landscape(Map.of()),
            Reputations.NONE.after(SEARCHED.family(), SEARCHED.targets(), false),
            List.of(ship, ship.withFate(2, TriedEdit.Fate.SHIPPED)));

    assertThat(choice.challenger()).contains(SEARCHED);
    assertThat(choice.concerns())
        .extracting(Critic.Concern::reason)
        .containsExactly(
            "'insert guard' shipped 2 times in 3 rounds and 2 of its 10 predictions came true");
  }

  @Test
  void addressesARegressionOrDoesNothing() {
    List<TaskRecord> solved = List.of(new TaskRecord(0, 2, 2), new TaskRecord(1, 2, 2));
    Landscape regressed = landscape(Map.of("test/2", solved));

    assertThat(choose(regressed, Reputations.NONE, List.of()).challenger()).contains(SEARCHED);
    Critic.Choice none = CRITIC.choose(List.of(GUARD), regressed, Reputations.NONE, List.of(), 3);
    assertThat(none.challenger()).isEmpty();
    assertThat(none.reason()).contains("1 tasks have regressed").contains("test/2");
  }
}
