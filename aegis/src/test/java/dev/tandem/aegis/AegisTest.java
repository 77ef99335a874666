package dev.tandem.aegis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.aegis.critique.Prediction.Score;
import dev.tandem.aegis.gate.Check;
import dev.tandem.aegis.gate.GateSettings;
import dev.tandem.aegis.gate.Simulation;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.oversight.AskFrom;
import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.aegis.oversight.WhenWaiting;
import dev.tandem.aegis.oversight.Word;
import dev.tandem.aegis.oversight.WordException;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.value.ProcessorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
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

  private static final AegisState START = AegisState.initial(TestRegistry.BARE);

  @TempDir private Path folder;

  private record Run(AegisState state, List<Decision> decisions, String ledger) {
    <T extends Decision> List<T> decisions(Class<T> kind) {
      return decisions.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
  }

  private Run run(String name, AegisState from, int first, int last, Simulation.Chance chance)
      throws IOException {
    return run(name, AegisSettings.DEFAULTS, from, first, last, new TestRounds(chance, 7));
  }

  private Run run(
      String name, AegisSettings settings, AegisState from, int first, int last, TestRounds rounds)
      throws IOException {
    Path path = folder.resolve(name);
    AegisState state = from;
    List<Decision> decisions = new ArrayList<>();
    try (Ledger ledger = Ledger.open(path)) {
      Aegis aegis = aegis(settings, ledger);
      for (int round = first; round <= last; round++) {
        AegisResult result =
            aegis.evolve(
                state,
                rounds.play(aegis, state, round),
                new Simulation(rounds.seed() + round, rounds.chance(), rounds.inert()));
        state = result.next();
        decisions.addAll(result.decisions());
      }
    }
    assertThat(Ledger.verify(path).passed()).isTrue();
    return new Run(state, decisions, Files.readString(path));
  }

  private static Aegis aegis(AegisSettings settings, Ledger ledger) {
    return new Aegis(settings, TestRegistry.REGISTRY, new TestFailures(), ledger);
  }

  @Test
  void shipsWhatHelpsAndNotWhatHarms() throws IOException {
    Run run = run("ledger", START, 1, 8, TRUTH);

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
    Run run =
        run(
            "ledger",
            START,
            1,
            5,
            (harness, category) -> TestRegistry.has(harness, "guard") ? 1 : 0);

    assertThat(TestRegistry.has(run.state().incumbent(), "guard")).isTrue();
  }

  @Test
  void explainsEveryShippedBundleInTheLedger() throws IOException {
    Run run = run("ledger", START, 1, 3, TRUTH);

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
    Run run = run("ledger", START, 1, 8, TRUTH);

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
      Aegis aegis = aegis(AegisSettings.DEFAULTS, ledger);
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
    Run one = run("one", START, 1, 4, TRUTH);
    Run two = run("two", START, 1, 4, TRUTH);

    assertThat(two.state()).isEqualTo(one.state());
    assertThat(two.ledger()).isEqualTo(one.ledger());
  }

  @Test
  void goesOnFromItsJsonAsIfNothingHadHappened() throws IOException {
    Run whole = run("whole", START, 1, 6, TRUTH);
    Run begun = run("resumed", START, 1, 3, TRUTH);

    AegisState read = reread(begun.state());
    Run resumed = run("resumed", read, 4, 6, TRUTH);

    assertThat(begun.state().shipments()).isNotEmpty();
    assertThat(read).isEqualTo(begun.state());
    assertThat(resumed.state()).isEqualTo(whole.state());
    assertThat(resumed.ledger()).isEqualTo(whole.ledger());
  }

  private static AegisState reread(AegisState state) throws JsonProcessingException {
    JsonMapper json = new JsonMapper();
    return json.readValue(json.writeValueAsString(state), AegisState.class);
  }

  @Test
  void takesOutALeverThatTurnsHarmful() throws IOException {
    Run shipped = run("ledger", START, 1, 4, TRUTH);
    assertThat(TestRegistry.has(shipped.state().incumbent(), "guard")).isTrue();

    Run turned =
        run(
            "ledger",
            shipped.state(),
            5,
            8,
            (harness, category) -> TestRegistry.has(harness, "guard") ? 0.2 : 0.5);

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
    AegisState quiet = run("quiet", START, 1, 3, idle).state();
    int last = run("once", quiet, 4, 6, helped).state().shipments().getLast().round();
    AegisState before = run("again", quiet, 4, last, helped).state();

    Run lost = run("again", before, last + 1, last + 1, then);

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
      Aegis aegis = aegis(AegisSettings.DEFAULTS, ledger);
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

    Run run = run("ledger", bound, START, 1, 3, new TestRounds(watched, 7));

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
    Run run =
        run(
            "ledger",
            AegisSettings.DEFAULTS,
            START,
            1,
            4,
            new TestRounds(TRUTH, 7, Set.of("guard")));

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
    Run run = run("ledger", START, 1, 2, (harness, category) -> 1);

    assertThat(run.decisions(Decision.Bundled.class)).isEmpty();
    assertThat(run.decisions(Decision.Idle.class)).hasSize(2);
    assertThat(run.state().incumbent()).isEqualTo(TestRegistry.BARE);
  }

  @Test
  void refusesEvidenceOfAnEarlierRoundOrAnotherHarness() {
    try (Ledger ledger = Ledger.open(folder.resolve("ledger"))) {
      Aegis aegis = aegis(AegisSettings.DEFAULTS, ledger);
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

  private static final AegisSettings ASKING =
      AegisSettings.DEFAULTS.watched(RedLines.NONE, AskFrom.MEDIUM, WhenWaiting.GO_ON, null);

  private static Waiting bundle(AegisState state) {
    return Objects.requireNonNull(state.waiting());
  }

  private static Word word(AegisState state, boolean approved) {
    return new Word(
        bundle(state).id(),
        bundle(state).harness(),
        approved,
        "Ann",
        "2026-01-02T03:04:05Z",
        "seen");
  }

  @Test
  void waitsForAPersonAndShipsWhatIsApproved() throws IOException {
    AegisState waiting = run("ledger", ASKING, START, 1, 4, new TestRounds(TRUTH, 7)).state();

    assertThat(waiting.incumbent()).isEqualTo(TestRegistry.BARE);
    assertThat(reread(waiting)).isEqualTo(waiting);
    try (Ledger ledger = Ledger.open(folder.resolve("ledger"))) {
      AegisResult heard = aegis(ASKING, ledger).hear(waiting, 5, word(waiting, true));

      assertThat(heard.decisions())
          .satisfiesExactly(
              one ->
                  assertThat(one.line()).endsWith("is approved by Ann, 2026-01-02T03:04:05Z: seen"),
              one -> assertThat(one).isInstanceOf(Decision.Shipped.class));
      assertThat(heard.next().waiting()).isNull();
      assertThat(heard.next().incumbent()).isEqualTo(bundle(waiting).config());
      assertThat(heard.next().shipments()).hasSize(1);
    }
  }

  @Test
  void neverPlaysAgainWhatAPersonRejects() throws IOException {
    AegisState waiting = run("ledger", ASKING, START, 1, 4, new TestRounds(TRUTH, 7)).state();
    try (Ledger ledger = Ledger.open(folder.resolve("ledger"))) {
      Aegis aegis = aegis(ASKING, ledger);

      AegisState after = aegis.hear(waiting, 5, word(waiting, false)).next();

      assertThat(after.waiting()).isNull();
      assertThat(bundle(waiting).bundle().levers()).contains(new Lever("guard", "guard"));
      assertThat(new TestRounds(TRUTH, 7).plan(aegis, after, 900).harnesses())
          .noneMatch(harness -> TestRegistry.has(harness, "guard"));
    }
  }

  @Test
  void appliesAnApprovedBundleToTheIncumbentOfTheDay() throws IOException {
    AegisState waiting = run("ledger", ASKING, START, 1, 4, new TestRounds(TRUTH, 7)).state();
    HarnessConfig other =
        HarnessConfig.of(ProcessorSpec.of("renderer"), ProcessorSpec.of("sightings"));
    AegisState moved =
        waiting.under(
            Assignment.REFERENCE.with(
                new Factor("sightings", List.of("absent", "sightings")), "sightings"),
            other);
    try (Ledger ledger = Ledger.open(folder.resolve("ledger"))) {
      AegisState shipped = aegis(ASKING, ledger).hear(moved, 20, word(waiting, true)).next();

      assertThat(TestRegistry.has(shipped.incumbent(), "sightings")).isTrue();
      assertThat(TestRegistry.has(shipped.incumbent(), "guard")).isTrue();
      assertThat(shipped.assignment().levels())
          .containsAllEntriesOf(new TreeMap<>(bundle(waiting).bundle().to().levels()));
    }
  }

  @Test
  void followsNoWordOnAnotherBundle() throws IOException {
    AegisState waiting = run("ledger", ASKING, START, 1, 4, new TestRounds(TRUTH, 7)).state();
    Word about = word(waiting, true);
    Word another =
        new Word(about.candidate(), "0".repeat(64), true, about.by(), about.at(), about.note());
    try (Ledger ledger = Ledger.open(folder.resolve("ledger"))) {
      int entries = ledger.entries().size();

      assertThatThrownBy(() -> aegis(ASKING, ledger).hear(waiting, 5, another))
          .isInstanceOf(WordException.class)
          .hasMessageContaining("with the harness 000000000000");
      assertThat(ledger.entries()).hasSize(entries);
    }
  }
}
