package dev.tandem.aegis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.aegis.critique.Prediction.Score;
import dev.tandem.aegis.gate.Check;
import dev.tandem.aegis.gate.GateSettings;
import dev.tandem.aegis.gate.Simulation;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.oversight.AskFrom;
import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.aegis.oversight.WhenWaiting;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.value.ProcessorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AegisTest {
  /** A guard is worth much, a list of searched places something; sightings do harm. */
  private static final Simulation.Chance TRUTH =
      (harness, category) ->
          0.35
              + (TestRegistry.has(harness, "guard") ? 0.25 : 0)
              + (TestRegistry.has(harness, "searched") ? 0.12 : 0)
              - (TestRegistry.has(harness, "sightings") ? 0.2 : 0)
              - (TestRegistry.has(harness, "renderer") ? 0 : 0.1);

  private static final AegisState START = TestLoop.START;

  @TempDir private Path folder;

  private TestLoop loop(Simulation.Chance chance) {
    return TestLoop.of(folder.resolve("ledger"), chance);
  }

  @Test
  void shipsWhatHelpsAndNotWhatHarms() throws IOException {
    TestLoop.Run run = loop(TRUTH).run(8);

    assertThat(TestRegistry.has(run.state().incumbent(), "guard")).isTrue();
    assertThat(TestRegistry.has(run.state().incumbent(), "searched")).isTrue();
    assertThat(TestRegistry.has(run.state().incumbent(), "sightings")).isFalse();
    assertThat(TestRegistry.has(run.state().incumbent(), "renderer")).isTrue();
    assertThat(run.state().start()).isEqualTo(TestRegistry.BARE);
    assertThat(run.state().gate().ships()).isEqualTo(run.decisions(Decision.Shipped.class).size());
    assertThat(run.state().gateEpisodes())
        .isLessThanOrEqualTo(8 * GateSettings.DEFAULTS.episodesPerRound());
  }

  /** Where a lever explains all there is, the model leaves no noise; pairs still tell. */
  @Test
  void shipsALeverThatDecidesEverything() throws IOException {
    TestLoop.Run run =
        loop((harness, category) -> TestRegistry.has(harness, "guard") ? 1 : 0).run(5);

    assertThat(TestRegistry.has(run.state().incumbent(), "guard")).isTrue();
  }

  @Test
  void explainsEveryShippedBundleInTheLedger() throws IOException {
    TestLoop.Run run = loop(TRUTH).run(3);

    Decision.Shipped shipped = run.decisions(Decision.Shipped.class).getFirst();
    assertThat(shipped.map().before()).isEqualTo(TestRegistry.BARE);
    assertThat(shipped.map().problem()).contains("guard=guard").contains("repeated_action");
    assertThat(shipped.map().evidence()).isNotEmpty();
    assertThat(shipped.map().changes()).contains("added guard at position 2");
    assertThat(shipped.map().levers())
        .anySatisfy(
            row -> {
              assertThat(row.lever()).isEqualTo(new Lever("guard", "guard"));
              assertThat(row.episodes()).isGreaterThan(50);
              assertThat(row.low()).isLessThan(0.25).isGreaterThan(0);
              assertThat(row.high()).isGreaterThan(0.2);
            });
    assertThat(shipped.map().predictions()).extracting("cluster").contains("", "place", "two");
    assertThat(shipped.map().proof().eValue())
        .isGreaterThanOrEqualTo(1 / shipped.map().proof().alpha());
    assertThat(run.ledger()).contains("\"kind\":\"screened\"").contains("\"kind\":\"shipped\"");
  }

  @Test
  void holdsPredictionsAgainstWhatComesLater() throws IOException {
    TestLoop.Run run = loop(TRUTH).run(8);

    Decision.Scored overall =
        run.decisions(Decision.Scored.class).stream()
            .filter(one -> one.cluster().isEmpty())
            .findFirst()
            .orElseThrow();
    assertThat(overall.score()).isEqualTo(Score.CAME_TRUE);
    assertThat(run.state().shipments().getFirst().claims())
        .anySatisfy(claim -> assertThat(claim.score()).isEqualTo(Score.CAME_TRUE));
  }

  @Test
  void plansTheSameRoundFromTheSameStateAndSpreadsLeversEvenly() {
    try (Ledger ledger = Ledger.open(folder.resolve("ledger"))) {
      Aegis aegis = loop(TRUTH).aegis(ledger);
      TestRounds rounds = new TestRounds(TRUTH, 7);

      RoundPlan plan = rounds.plan(aegis, START, 1);

      assertThat(rounds.plan(aegis, START, 1)).isEqualTo(plan);
      assertThat(rounds.plan(aegis, START, 2)).isNotEqualTo(plan);
      assertThat(plan.arms().keySet()).containsExactlyElementsOf(TestRounds.tasks());
      assertThat(plan.arms().values())
          .allSatisfy(
              arms -> {
                assertThat(arms).hasSize(8);
                assertThat(arms.subList(0, 2))
                    .allSatisfy(arm -> assertThat(arm.harness()).isEqualTo(TestRegistry.BARE));
              });
      long withGuard =
          plan.arms().values().stream()
              .flatMap(List::stream)
              .filter(arm -> TestRegistry.has(arm.harness(), "guard"))
              .count();
      assertThat(withGuard).isBetween(60L, 130L);
      assertThat(plan.arms().values())
          .allSatisfy(
              arms ->
                  assertThat(arms.stream().filter(arm -> TestRegistry.has(arm.harness(), "guard")))
                      .hasSizeBetween(0, 4));
    }
  }

  @Test
  void decidesTheSameFromTheSameInputs() throws IOException {
    TestLoop.Run one = loop(TRUTH).run(4);
    String ledger = one.ledger();
    TestLoop.Run two = loop(TRUTH).run(4);

    assertThat(two.state()).isEqualTo(one.state());
    assertThat(two.ledger()).isEqualTo(ledger);
  }

  @Test
  void goesOnFromItsJsonAsIfNothingHadHappened() throws IOException {
    TestLoop.Run whole = loop(TRUTH).run(6);
    String ledger = whole.ledger();
    AegisState begun = whole.states().get(3);

    AegisState read = TestLoop.reread(begun);
    TestLoop.Run resumed = loop(TRUTH).run(read, 4, 6);

    assertThat(begun.shipments()).isNotEmpty();
    assertThat(read).isEqualTo(begun);
    assertThat(resumed.state()).isEqualTo(whole.state());
    assertThat(resumed.ledger()).isEqualTo(ledger);
  }

  @Test
  void takesOutALeverThatTurnsHarmful() throws IOException {
    TestLoop.Run shipped = loop(TRUTH).run(4);
    assertThat(TestRegistry.has(shipped.state().incumbent(), "guard")).isTrue();

    TestLoop.Run turned =
        loop((harness, category) -> TestRegistry.has(harness, "guard") ? 0.2 : 0.5)
            .run(shipped.state(), 5, 8);

    assertThat(turned.decisions(Decision.Reverted.class))
        .extracting(Decision.Reverted::lever)
        .contains(new Lever("guard", "guard"));
    assertThat(TestRegistry.has(turned.state().incumbent(), "guard")).isFalse();
    assertThat(turned.state().rests())
        .extracting(AegisState.Rest::lever)
        .contains(new Lever("guard", "guard"));
  }

  /** Every task of one kind is lost after a ship, and what would help the other kind waits. */
  @Test
  void shipsNothingElseWhileARegressionStands() throws IOException {
    Simulation.Chance idle = (harness, category) -> category.equals("two") ? 1 : 0.3;
    Simulation.Chance helped =
        (harness, category) ->
            category.equals("two") ? 1 : TestRegistry.has(harness, "guard") ? 0.9 : 0.3;
    Simulation.Chance then =
        (harness, category) ->
            category.equals("two") ? 0 : TestRegistry.has(harness, "sightings") ? 1 : 0.2;
    AegisState quiet = loop(idle).run(3).state();
    TestLoop.Run after = loop(helped).run(quiet, 4, 6);
    int last = after.state().shipments().getLast().round();
    AegisState before = after.states().get(last - 3);

    TestLoop.Run lost = loop(then).run(before, last + 1, last + 1);

    assertThat(lost.decisions(Decision.Idle.class))
        .singleElement()
        .satisfies(
            one -> assertThat(one.reason()).contains("tasks that were safely solved are lost"));
    assertThat(lost.decisions(Decision.Concerned.class)).hasSize(1);
    assertThat(lost.decisions(Decision.Bundled.class)).isEmpty();
    assertThat(lost.state().concerns()).isNotEmpty();
  }

  @Test
  void letsALeverRestThatWasTakenOut() {
    try (Ledger ledger = Ledger.open(folder.resolve("ledger"))) {
      Aegis aegis = loop(TRUTH).aegis(ledger);
      AegisState resting = START.resting(List.of(new Lever("guard", "guard")), 5);
      TestRounds rounds = new TestRounds(TRUTH, 7);

      assertThat(rounds.plan(aegis, resting, 4).harnesses())
          .noneMatch(harness -> TestRegistry.has(harness, "guard"));
      assertThat(rounds.plan(aegis, resting, 5).harnesses())
          .anyMatch(harness -> TestRegistry.has(harness, "guard"));
    }
  }

  @Test
  void neverPlaysWhatCrossesARedLine() throws IOException {
    AegisSettings bound =
        AegisSettings.DEFAULTS.watched(
            RedLines.parse("forbidden_types: [guard]"), AskFrom.NONE, WhenWaiting.WAIT, null);
    Simulation.Chance watched =
        (harness, category) -> {
          assertThat(TestRegistry.has(harness, "guard")).isFalse();
          return TRUTH.of(harness, category);
        };

    TestLoop.Run run = loop(watched).with(bound).run(3);

    assertThat(run.decisions(Decision.Refused.class))
        .singleElement()
        .satisfies(
            refused -> {
              assertThat(refused.quarantined()).isTrue();
              assertThat(refused.line())
                  .isEqualTo(
                      "guard=guard (insert guard) is quarantined before it plays: processor type"
                          + " 'guard' is forbidden");
            });
  }

  @Test
  void doesNotCreditAProcessorThatNeverActed() throws IOException {
    TestLoop.Run run = loop(TRUTH).with(new TestRounds(TRUTH, 7, Set.of("guard"))).run(4);

    assertThat(run.decisions(Decision.Rejected.class))
        .anySatisfy(
            rejected -> {
              assertThat(rejected.check()).isEqualTo(Check.BUILD_AND_SMOKE);
              assertThat(rejected.reason()).contains("'guard' acted in none of");
            });
    assertThat(run.decisions(Decision.Bisected.class)).isNotEmpty();
    assertThat(TestRegistry.has(run.state().incumbent(), "guard")).isFalse();
    assertThat(TestRegistry.has(run.state().incumbent(), "searched")).isTrue();
  }

  @Test
  void doesNothingWhereNothingFails() throws IOException {
    TestLoop.Run run = loop((harness, category) -> 1).run(2);

    assertThat(run.decisions(Decision.Bundled.class)).isEmpty();
    assertThat(run.decisions(Decision.Idle.class)).hasSize(2);
    assertThat(run.state().incumbent()).isEqualTo(TestRegistry.BARE);
  }

  @Test
  void refusesEvidenceOfAnEarlierRoundOrAnotherHarness() {
    try (Ledger ledger = Ledger.open(folder.resolve("ledger"))) {
      Aegis aegis = loop(TRUTH).aegis(ledger);
      TestRounds rounds = new TestRounds(TRUTH, 1);
      AegisState other =
          AegisState.initial(
              HarnessConfig.of(ProcessorSpec.of("renderer"), ProcessorSpec.of("guard")));
      RoundEvidence foreign =
          new RoundEvidence(
              1,
              aegis.incumbentOnly(START, TestRounds.tasks(), 8),
              rounds.play(aegis, other, 1).judged(),
              List.of(),
              1);

      assertThatThrownBy(() -> aegis.evolve(START, foreign, new Simulation(1, TRUTH)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("must have run under a harness of the round's plan");
      AegisState next =
          aegis.evolve(START, rounds.play(aegis, START, 4), new Simulation(1, TRUTH)).next();
      assertThatThrownBy(
              () -> aegis.evolve(next, rounds.play(aegis, next, 4), new Simulation(1, TRUTH)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("seen round 4: the next must be later, was 4");
    }
  }
}
