package dev.tandem.aegis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.aegis.gate.PlayedBatch;
import dev.tandem.aegis.gate.Simulation;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.oversight.AskFrom;
import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.aegis.oversight.WhenWaiting;
import dev.tandem.aegis.oversight.Word;
import dev.tandem.aegis.route.Variant;
import dev.tandem.aegis.route.VariantSettings;
import dev.tandem.aegis.screen.ClusterSet;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.rollout.store.StoredEpisode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mix of tasks that no single harness is best for. */
final class VariantsTest {
  private static final List<String> HELPED = List.of("clean", "cool", "heat");
  private static final List<String> CLUSTERS =
      List.of("clean", "look", "cool", "place", "heat", "two");

  /** The guard helps three kinds of task by 25 points and harms three by 25. */
  private static final Simulation.Chance CONFLICT =
      (harness, category) ->
          !TestRegistry.has(harness, "guard") ? 0.45 : HELPED.contains(category) ? 0.7 : 0.2;

  private static final AegisSettings FORKING = AegisSettings.DEFAULTS;
  private static final AegisSettings ALONE = FORKING.with(new VariantSettings(1, 0.05, 0.35));

  @TempDir private Path folder;

  private final StoredGate stored = new StoredGate();

  private TestLoop loop(AegisSettings settings, Simulation.Chance chance) {
    TestRounds rounds = new TestRounds(chance, 7, Set.of(), CLUSTERS);
    return TestLoop.of(folder.resolve("ledger"), rounds)
        .with(settings)
        .at(round -> stored.of(round, rounds.gate(round)));
  }

  /** Mean chance of success over all kinds of task, each under the variant that serves it. */
  private static double success(AegisState state, Simulation.Chance chance) {
    return CLUSTERS.stream()
        .mapToDouble(one -> chance.of(state.pool().serving(one).harness(), one))
        .average()
        .orElseThrow();
  }

  @Test
  void recoverHalfOfWhatNoSingleHarnessCanHave() throws IOException {
    TestLoop.Run alone = loop(ALONE, CONFLICT).run(8);
    TestLoop.Run forking = loop(FORKING, CONFLICT).run(8);

    double stalled = success(alone.state(), CONFLICT);
    double best = (0.7 + 0.45) / 2;
    assertThat(alone.state().pool().forks()).isEmpty();
    assertThat(stalled).isLessThanOrEqualTo(0.46);
    assertThat(success(forking.state(), CONFLICT)).isGreaterThanOrEqualTo((stalled + best) / 2);
    assertThat(forking.state().pool().variants()).hasSizeLessThanOrEqualTo(3);
    assertThat(forking.state().gateEpisodes())
        .isLessThanOrEqualTo(8 * FORKING.gate().episodesPerRound());
  }

  @Test
  void proveTheirGainOnTheirOwnTasksAlone() throws IOException {
    TestLoop.Run run = loop(FORKING, CONFLICT).run(5);

    Decision.Forked forked = run.decisions(Decision.Forked.class).getFirst();
    assertThat(HELPED).containsAll(forked.clusters());
    assertThat(forked.map().proof().categories())
        .extracting("category")
        .isEqualTo(forked.clusters());
    assertThat(Objects.requireNonNull(forked.map().proof().terms()).scope())
        .isEqualTo(ClusterSet.only(forked.clusters()));
    for (PlayedBatch batch : forked.map().proof().batches()) {
      assertThat(stored.segment(batch.candidate().first()))
          .allSatisfy(
              episode ->
                  assertThat(forked.clusters())
                      .contains(((StoredEpisode.Judged) episode).trajectory().task().category()));
    }
    assertThat(LedgerStory.tell(run.entries()))
        .anySatisfy(
            sentence ->
                assertThat(sentence)
                    .contains("ships for tasks of the kinds")
                    .contains("at the gate it won"));
    LedgerProofs.Findings found = LedgerProofs.check(run.entries(), FORKING.gate(), stored::find);
    assertThat(found.differences()).isEmpty();
    assertThat(found.proofs()).isPositive();
  }

  @Test
  void areMergedBackWhenTheyBeatTheDefaultNoMore() throws IOException {
    AegisState forked = loop(FORKING, CONFLICT).run(6).state();
    Variant fork = forked.pool().forks().getFirst();

    TestLoop.Run turned =
        loop(FORKING, (harness, category) -> TestRegistry.has(harness, "guard") ? 0.4 : 0.5)
            .run(forked, 7, 10);

    assertThat(turned.state().pool().forks()).isEmpty();
    Decision.Retired retired = turned.decisions(Decision.Retired.class).getFirst();
    assertThat(retired.variant()).isEqualTo(fork.id());
    assertThat(retired.to()).isEqualTo(TestRegistry.hash(turned.state().incumbent()));
    assertThat(LedgerStory.tell(turned.entries()))
        .anySatisfy(
            sentence ->
                assertThat(sentence)
                    .contains(fork.id() + " is merged back")
                    .contains(String.join(", ", fork.clusters())));
  }

  @Test
  void goOnFromTheirJsonAsIfNothingHadHappened() throws IOException {
    TestLoop.Run whole = loop(FORKING, CONFLICT).run(8);
    String ledger = whole.ledger();
    AegisState begun = whole.states().get(6);

    AegisState read = TestLoop.reread(begun);
    TestLoop.Run resumed = loop(FORKING, CONFLICT).run(read, 7, 8);

    assertThat(begun.pool().forks()).isNotEmpty();
    assertThat(read).isEqualTo(begun);
    assertThat(resumed.state()).isEqualTo(whole.state());
    assertThat(resumed.ledger()).isEqualTo(ledger);
  }

  /** What was not there when the variants were made goes to the default, and so does a plan. */
  @Test
  void playEachTaskAroundTheVariantThatServesIt() throws IOException {
    AegisState forked = loop(FORKING, CONFLICT).run(5).state();
    Variant fork = forked.pool().forks().getFirst();
    try (Ledger ledger = Ledger.open(folder.resolve("ledger"))) {
      TestLoop loop = loop(FORKING, CONFLICT);
      Aegis aegis = loop.aegis(ledger);

      RoundPlan plan = loop.rounds().plan(aegis, forked, 6);

      plan.arms()
          .forEach(
              (task, arms) -> {
                boolean isForked = fork.clusters().contains(task.category());
                assertThat(arms.getFirst().assignment())
                    .isEqualTo(isForked ? fork.assignment() : forked.assignment());
                if (isForked) {
                  assertThat(arms.getLast().assignment()).isEqualTo(forked.assignment());
                }
              });
      assertThat(aegis.incumbentOnly(forked, plan.arms().keySet(), 2).arms())
          .allSatisfy(
              (task, arms) ->
                  assertThat(arms)
                      .extracting(RoundPlan.Arm::harness)
                      .containsOnly(forked.pool().serving(task.category()).harness()));
    }
    assertThat(forked.pool().serving("never seen").harness()).isEqualTo(forked.incumbent());
  }

  @Test
  void waitForAPersonLikeAnyOtherChange() throws IOException {
    AegisSettings asking = FORKING.watched(RedLines.NONE, AskFrom.LOW, WhenWaiting.GO_ON, null);
    AegisState waiting = loop(asking, CONFLICT).run(5).state();
    Waiting bundle = Objects.requireNonNull(waiting.waiting());
    assertThat(waiting.pool().forks()).isEmpty();
    assertThat(TestLoop.reread(waiting)).isEqualTo(waiting);
    try (Ledger ledger = Ledger.open(folder.resolve("ledger"))) {
      Aegis aegis = loop(asking, CONFLICT).aegis(ledger);

      AegisResult heard =
          aegis.hear(waiting, 6, new Word(bundle.id(), bundle.harness(), true, "Ann", "now", ""));

      assertThat(heard.decisions().getLast()).isInstanceOf(Decision.Forked.class);
      Variant fork = heard.next().pool().forks().getFirst();
      assertThat(fork.clusters()).isEqualTo(bundle.bundle().scope().names());
      assertThat(fork.harness()).isEqualTo(bundle.config());
      assertThat(heard.next().incumbent()).isEqualTo(TestRegistry.BARE);
    }
    LedgerProofs.Findings found =
        LedgerProofs.check(
            Ledger.verify(folder.resolve("ledger")).entries(), asking.gate(), stored::find);
    assertThat(found.differences()).isEmpty();
  }

  /** Sightings come to help two kinds of task by more than the guard still helps three. */
  @Test
  void giveTheirPlaceToAForkThatIsWorthMore() throws IOException {
    AegisSettings two = FORKING.with(new VariantSettings(2, 0.05, 0.35));
    AegisState forked = loop(two, CONFLICT).run(5).state();
    Variant least = forked.pool().forks().getFirst();
    List<String> sighted = List.of("look", "place");
    Simulation.Chance turned =
        (harness, category) ->
            0.45
                + when(harness, "guard", HELPED.contains(category) ? 0.12 : -0.25)
                + when(harness, "sightings", sighted.contains(category) ? 0.45 : -0.45);

    TestLoop.Run run = loop(two, turned).run(forked, 6, 16);

    assertThat(run.state().pool().variants()).hasSize(2);
    assertThat(sighted).containsAll(run.state().pool().forks().getFirst().clusters());
    Decision.Retired retired = run.decisions(Decision.Retired.class).getFirst();
    assertThat(retired.variant()).isEqualTo(least.id());
    assertThat(run.decisions(Decision.Forked.class))
        .anyMatch(one -> one.candidate().equals(retired.successor()));
    assertThat(LedgerStory.tell(run.entries()))
        .anySatisfy(
            sentence ->
                assertThat(sentence)
                    .contains(
                        "variant %s gives its place to %s, for it is worth least"
                            .formatted(least.id(), retired.successor())));
  }

  private static double when(HarnessConfig harness, String type, double effect) {
    return TestRegistry.has(harness, type) ? effect : 0;
  }

  /** A lever that games goes wherever it is in force. */
  @Test
  void loseALeverThatGamesTheVerifier() throws IOException {
    AegisState forked = loop(FORKING, CONFLICT).run(6).state();
    assertThat(TestRegistry.has(forked.incumbent(), "guard")).isFalse();
    List<String> clusters = List.copyOf(forked.pool().forks().getFirst().clusters());

    TestLoop.Run run =
        loop(FORKING, CONFLICT)
            .seenAs(one -> TestEpisodes.flagged(one, "guard", 3))
            .run(forked, 7, 9);

    assertThat(run.decisions(Decision.Reverted.class))
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.gaming()).contains("signs of gaming");
              assertThat(one.clusters()).isEqualTo(clusters);
            });
    assertThat(run.state().pool().variants())
        .noneMatch(variant -> TestRegistry.has(variant.harness(), "guard"));
  }
}
