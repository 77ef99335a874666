package dev.tandem.aegis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.aegis.evolve.Candidate;
import dev.tandem.aegis.evolve.Manifest;
import dev.tandem.aegis.evolve.MetaAgent;
import dev.tandem.aegis.evolve.Signature;
import dev.tandem.aegis.gate.Check;
import dev.tandem.aegis.gate.Simulation;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.oversight.AskFrom;
import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.aegis.oversight.WhenWaiting;
import dev.tandem.aegis.oversight.Word;
import dev.tandem.aegis.oversight.WordException;
import dev.tandem.aegis.plan.Landscape;
import dev.tandem.aegis.plan.TriedEdit;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.rollout.RandomStreams;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AegisTest {
  private static final int TASKS = 48;
  private static final List<String> SUCCESS = List.of(TestFailures.FINE, TestFailures.FINE);

  @TempDir private Path folder;

  /** A guard is worth much, a list of searched places something. */
  private static double truth(HarnessConfig harness) {
    return 0.3
        + (TestRegistry.has(harness, "guard") ? 0.4 : 0)
        + (TestRegistry.has(harness, "searched") ? 0.2 : 0);
  }

  /** A round of training episodes under the state's harnesses, succeeding by chance. */
  private static RoundEvidence round(
      AegisState state, int round, long seed, Simulation.Chance chance) {
    List<Trajectory> train = new ArrayList<>(arm(state.incumbent(), round, seed, chance));
    Candidate challenger = state.challenger();
    if (challenger != null) {
      train.addAll(arm(challenger.config(), round, seed, chance));
    }
    return new RoundEvidence(round, train, seed);
  }

  private static List<Trajectory> arm(
      HarnessConfig harness, int round, long seed, Simulation.Chance chance) {
    String hash = TestRegistry.hash(harness);
    String[] acted = harness.processors().stream().map(ProcessorSpec::type).toArray(String[]::new);
    List<Trajectory> arm = new ArrayList<>();
    for (int i = 0; i < TASKS; i++) {
      TaskSpec task = TestEpisodes.task(Split.TRAIN, i % 2 == 0 ? "place" : "two", i);
      boolean success =
          RandomStreams.stream(seed, hash, round, i).nextDouble()
              < chance.of(harness, task.category());
      arm.add(
          TestEpisodes.episode(
              "r%d-%s-%d".formatted(round, hash.substring(0, 4), i),
              task,
              hash,
              success,
              TestFailures.steps(
                  success ? SUCCESS : i % 3 == 0 ? TestFailures.SEARCH : TestFailures.LOOP),
              acted));
    }
    return arm;
  }

  private record Run(AegisState state, List<Decision> decisions, String ledger) {}

  private Run run(
      String name, AegisState from, int first, int last, long seed, Simulation.Chance chance)
      throws IOException {
    Path path = folder.resolve(name);
    AegisState state = from;
    List<Decision> decisions = new ArrayList<>();
    try (Ledger ledger = Ledger.open(path)) {
      Aegis aegis =
          new Aegis(AegisSettings.DEFAULTS, TestRegistry.REGISTRY, new TestFailures(), ledger);
      for (int round = first; round <= last; round++) {
        AegisResult result =
            aegis.evolve(
                state, round(state, round, seed, chance), new Simulation(seed + round, chance));
        state = result.next();
        decisions.addAll(result.decisions());
      }
    }
    assertThat(Ledger.verify(path).passed()).isTrue();
    return new Run(state, decisions, Files.readString(path));
  }

  private static final Simulation.Chance TRUTH = (harness, category) -> truth(harness);
  private static final AegisState START = AegisState.initial(TestRegistry.BARE);

  @Test
  void findsAndShipsWhatHelps() throws IOException {
    Run run = run("ledger", START, 0, 9, 7, TRUTH);

    assertThat(TestRegistry.has(run.state().incumbent(), "guard")).isTrue();
    assertThat(run.state().versions()).first().isEqualTo(TestRegistry.BARE);
    assertThat(run.state().gate().ships()).isEqualTo(run.state().versions().size());
  }

  @Test
  void explainsEveryShippedEditInTheLedger() throws IOException {
    Run run = run("ledger", START, 0, 3, 7, TRUTH);

    Decision.Shipped shipped =
        run.decisions().stream()
            .filter(Decision.Shipped.class::isInstance)
            .map(Decision.Shipped.class::cast)
            .findFirst()
            .orElseThrow();
    assertThat(shipped.map().before()).isEqualTo(TestRegistry.BARE);
    assertThat(shipped.map().problem()).contains("guard addresses repeated_action");
    assertThat(shipped.map().evidence()).isNotEmpty();
    assertThat(shipped.map().changes()).containsExactly("added guard at position 2");
    assertThat(shipped.map().proof().eValue())
        .isGreaterThanOrEqualTo(1 / shipped.map().proof().alpha());
    assertThat(run.ledger()).contains("\"kind\":\"shipped\"");
  }

  @Test
  void tracksHowManyPredictionsCameTrue() throws IOException {
    Run run = run("ledger", START, 0, 3, 7, TRUTH);

    TriedEdit guard =
        run.state().tried().stream()
            .filter(edit -> edit.fate() == TriedEdit.Fate.SHIPPED)
            .findFirst()
            .orElseThrow();
    assertThat(guard.predictions()).isGreaterThan(20);
    assertThat(guard.hits() / (double) guard.predictions()).isBetween(0.5, 0.9);
  }

  @Test
  void doesNotTryAnEditTwiceWithinItsCooldown() throws IOException {
    Run run = run("ledger", START, 0, 12, 3, (harness, category) -> 0.4);
    List<TriedEdit> tried = run.state().tried();

    assertThat(tried).hasSizeGreaterThan(5);
    for (int i = 0; i < tried.size(); i++) {
      for (int j = i + 1; j < tried.size(); j++) {
        if (tried.get(i).edit().equals(tried.get(j).edit())) {
          assertThat(tried.get(j).round() - tried.get(i).round())
              .isGreaterThanOrEqualTo(AegisSettings.DEFAULTS.cooldown());
        }
      }
    }
  }

  @Test
  void decidesTheSameFromTheSameInputs() throws IOException {
    Run one = run("one", START, 0, 5, 11, TRUTH);
    Run two = run("two", START, 0, 5, 11, TRUTH);

    assertThat(two.state()).isEqualTo(one.state());
    assertThat(two.ledger()).isEqualTo(one.ledger());
  }

  @Test
  void goesOnFromItsJsonAsIfNothingHadHappened() throws IOException {
    Run whole = run("whole", START, 0, 6, 5, TRUTH);
    Run begun = run("resumed", START, 0, 2, 5, TRUTH);

    AegisState read = reread(begun.state());
    Run resumed = run("resumed", read, 3, 6, 5, TRUTH);

    assertThat(begun.state().challenger()).isNotNull();
    assertThat(read).isEqualTo(begun.state());
    assertThat(resumed.state()).isEqualTo(whole.state());
    assertThat(resumed.ledger()).isEqualTo(whole.ledger());
  }

  private static AegisState reread(AegisState state) throws JsonProcessingException {
    JsonMapper json = new JsonMapper();
    return json.readValue(json.writeValueAsString(state), AegisState.class);
  }

  @Test
  void takesAVersionBackThatDrifts() throws IOException {
    Run shipped = run("ledger", START, 0, 1, 7, TRUTH);
    HarnessConfig bad = shipped.state().incumbent();
    assertThat(bad).isNotEqualTo(TestRegistry.BARE);

    Run drifted =
        run(
            "ledger",
            shipped.state(),
            2,
            7,
            7,
            (harness, category) -> harness.equals(TestRegistry.BARE) ? 0.3 : 0.02);

    assertThat(drifted.decisions()).hasAtLeastOneElementOfType(Decision.Reverted.class);
    assertThat(drifted.state().incumbent()).isEqualTo(TestRegistry.BARE);
    assertThat(drifted.state().versions()).isEmpty();
    assertThat(drifted.state().tried())
        .extracting(TriedEdit::fate)
        .contains(TriedEdit.Fate.REVERTED);
  }

  @Test
  void quarantinesWhatCrossesARedLine() {
    HarnessEdit edit = new HarnessEdit.Insert(ProcessorSpec.of("guard"));
    try (Ledger ledger = Ledger.open(folder.resolve("ledger"))) {
      Aegis free =
          new Aegis(AegisSettings.DEFAULTS, TestRegistry.REGISTRY, new TestFailures(), ledger);
      AegisState state =
          free.evolve(START, round(START, 0, 1, TRUTH), new Simulation(1, TRUTH)).next();
      Aegis bound =
          new Aegis(
              AegisSettings.DEFAULTS,
              TestRegistry.REGISTRY,
              new TestFailures(),
              ledger,
              RedLines.parse("forbidden_types: [guard]"));

      AegisResult result = bound.evolve(state, round(state, 1, 1, TRUTH), new Simulation(1, TRUTH));

      assertThat(result.decisions())
          .filteredOn(Decision.Rejected.class::isInstance)
          .first()
          .isInstanceOfSatisfying(
              Decision.Rejected.class,
              rejected -> {
                assertThat(rejected.check()).isEqualTo(Check.RED_LINES);
                assertThat(rejected.quarantined()).isTrue();
              });
      assertThat(result.next().tried())
          .containsExactly(
              new TriedEdit(
                  edit,
                  1,
                  TriedEdit.Fate.QUARANTINED,
                  result.next().tried().getFirst().targets(),
                  result.next().tried().getFirst().addressed(),
                  result.next().tried().getFirst().hits(),
                  result.next().tried().getFirst().predictions()));
    }
  }

  @Test
  void quarantinesAProposalThatCrossesARedLineBeforeItPlays() {
    HarnessEdit forbidden = new HarnessEdit.Insert(ProcessorSpec.of("guard"));
    HarnessEdit fine = new HarnessEdit.Insert(ProcessorSpec.of("sightings"));
    try (Ledger ledger = Ledger.open(folder.resolve("ledger"))) {
      Aegis bound =
          new Aegis(
              AegisSettings.DEFAULTS,
              TestRegistry.REGISTRY,
              new TestFailures(),
              ledger,
              RedLines.parse("forbidden_types: [guard]"),
              (landscape, brief) ->
                  List.of(
                      careless("r0000-1", forbidden, forbidden, landscape, brief),
                      careless("r0000-2", fine, forbidden, landscape, brief),
                      careless("r0000-3", fine, fine, landscape, brief)));

      AegisResult result = bound.evolve(START, round(START, 0, 1, TRUTH), new Simulation(1, TRUTH));

      assertThat(result.decisions())
          .filteredOn(Decision.Refused.class::isInstance)
          .extracting(Decision::line)
          .satisfiesExactly(
              line ->
                  assertThat(line)
                      .isEqualTo(
                          "r0000-1 (insert guard) is quarantined before it plays: processor type"
                              + " 'guard' is forbidden"),
              line -> assertThat(line).contains("r0000-2").contains("is refused before it plays"));
      assertThat(Objects.requireNonNull(result.next().challenger()).id()).isEqualTo("r0000-3");
      assertThat(result.next().tried())
          .extracting(TriedEdit::fate)
          .containsExactly(TriedEdit.Fate.QUARANTINED, TriedEdit.Fate.REJECTED);
      assertThat(ledger.entries())
          .anySatisfy(entry -> assertThat(entry.kind()).isEqualTo("refused"));
    }
  }

  /** A candidate that says one edit and brings the harness of another. */
  private static Candidate careless(
      String id, HarnessEdit said, HarnessEdit done, Landscape landscape, MetaAgent.Brief brief) {
    HarnessConfig config = brief.incumbent().apply(done, TestRegistry.REGISTRY);
    return new Candidate(
        said,
        config,
        new Manifest(
            id,
            List.of(Manifest.Bucket.PROCESSOR),
            "helps",
            landscape.clusters().getFirst().anchors(),
            HarnessConfig.diff(brief.incumbent(), config, TestRegistry.REGISTRY),
            List.of(),
            List.of(),
            List.of(),
            new Signature("sightings", true)),
        List.of(),
        1,
        false);
  }

  private Aegis asking(Ledger ledger) {
    return new Aegis(
        AegisSettings.DEFAULTS.watched(RedLines.NONE, AskFrom.MEDIUM, WhenWaiting.GO_ON, null),
        TestRegistry.REGISTRY,
        new TestFailures(),
        ledger);
  }

  private AegisState untilOneWaits(Aegis aegis) {
    AegisState state = START;
    for (int round = 0; state.waiting() == null && round < 10; round++) {
      state =
          aegis
              .evolve(state, round(state, round, 7, TRUTH), new Simulation(7 + round, TRUTH))
              .next();
    }
    assertThat(state.waiting()).isNotNull();
    return state;
  }

  private static Waiting edit(AegisState state) {
    return Objects.requireNonNull(state.waiting());
  }

  private static Word word(AegisState state, boolean approved) {
    return new Word(
        edit(state).id(), edit(state).harness(), approved, "Ann", "2026-01-02T03:04:05Z", "seen");
  }

  @Test
  void waitsForAPersonAndShipsWhatIsApproved() throws JsonProcessingException {
    try (Ledger ledger = Ledger.open(folder.resolve("ledger"))) {
      Aegis aegis = asking(ledger);
      AegisState waiting = untilOneWaits(aegis);
      int round = waiting.round() + 1;

      assertThat(waiting.incumbent()).isEqualTo(TestRegistry.BARE);
      assertThat(waiting.challenger()).isNull();
      assertThat(reread(waiting)).isEqualTo(waiting);
      AegisState later =
          aegis.evolve(waiting, round(waiting, round, 7, TRUTH), new Simulation(99, TRUTH)).next();
      assertThat(later.challenger()).isNull();
      assertThat(later.waiting()).isEqualTo(waiting.waiting());

      AegisResult heard = aegis.hear(later, round + 1, word(later, true));

      assertThat(heard.decisions())
          .satisfiesExactly(
              one ->
                  assertThat(one.line()).endsWith("is approved by Ann, 2026-01-02T03:04:05Z: seen"),
              one -> assertThat(one).isInstanceOf(Decision.Shipped.class));
      assertThat(heard.next().waiting()).isNull();
      assertThat(heard.next().incumbent()).isEqualTo(edit(waiting).candidate().config());
      assertThat(heard.next().versions()).containsExactly(TestRegistry.BARE);
      assertThat(ledger.entries().getLast().round()).isEqualTo(round + 1);
      assertThat(LedgerStory.tell(ledger.entries()))
          .anySatisfy(
              line -> assertThat(line).contains("waits for a person, its risk being medium"))
          .anySatisfy(
              line ->
                  assertThat(line)
                      .endsWith("is approved by Ann, 2026-01-02T03:04:05Z, who says: seen."));
    }
  }

  @Test
  void neverTriesAgainWhatAPersonHasRefused() {
    try (Ledger ledger = Ledger.open(folder.resolve("ledger"))) {
      Aegis aegis = asking(ledger);
      AegisState waiting = untilOneWaits(aegis);
      HarnessEdit refused = edit(waiting).candidate().edit();

      AegisState state = aegis.hear(waiting, waiting.round() + 1, word(waiting, false)).next();

      assertThat(state.incumbent()).isEqualTo(TestRegistry.BARE);
      assertThat(state.tried().getLast().fate()).isEqualTo(TriedEdit.Fate.DECLINED);
      for (int round = waiting.round() + 1; round < waiting.round() + 8; round++) {
        state =
            aegis
                .evolve(
                    state,
                    round(state, round, 7, (harness, category) -> 0.4),
                    new Simulation(round, (harness, category) -> 0.4))
                .next();
        if (state.challenger() != null) {
          assertThat(state.challenger().edit()).isNotEqualTo(refused);
        }
      }
    }
  }

  @Test
  void followsNoWordOnAnotherEdit() {
    try (Ledger ledger = Ledger.open(folder.resolve("ledger"))) {
      Aegis aegis = asking(ledger);
      AegisState waiting = untilOneWaits(aegis);
      Word about = word(waiting, true);
      Word another =
          new Word(about.candidate(), "0".repeat(64), true, about.by(), about.at(), about.note());
      int entries = ledger.entries().size();

      assertThatThrownBy(() -> aegis.hear(waiting, waiting.round() + 1, another))
          .isInstanceOf(WordException.class)
          .hasMessageContaining("with the harness 000000000000");
      assertThat(ledger.entries()).hasSize(entries);
    }
  }

  @Test
  void appliesAnApprovedEditToTheIncumbentOfTheDay() {
    try (Ledger ledger = Ledger.open(folder.resolve("ledger"))) {
      Aegis aegis = asking(ledger);
      AegisState waiting = untilOneWaits(aegis);
      HarnessConfig other =
          HarnessConfig.of(ProcessorSpec.of("renderer"), ProcessorSpec.of("sightings"));
      AegisState moved = withIncumbent(waiting, other);
      AegisState taken = withIncumbent(waiting, edit(waiting).candidate().config());

      AegisState shipped = aegis.hear(moved, 20, word(waiting, true)).next();
      AegisResult refused = aegis.hear(taken, 21, word(waiting, true));

      assertThat(TestRegistry.has(shipped.incumbent(), "sightings")).isTrue();
      assertThat(TestRegistry.has(shipped.incumbent(), "guard")).isTrue();
      assertThat(refused.decisions()).hasAtLeastOneElementOfType(Decision.Rejected.class);
      assertThat(refused.next().incumbent()).isEqualTo(taken.incumbent());
      assertThat(refused.next().waiting()).isNull();
    }
  }

  private static AegisState withIncumbent(AegisState state, HarnessConfig incumbent) {
    return new AegisState(
        state.round(),
        incumbent,
        state.challenger(),
        state.versions(),
        state.reputations(),
        state.tried(),
        state.history(),
        state.gate(),
        state.proposals(),
        state.drift(),
        state.waiting());
  }

  @Test
  void doesNothingWhereNothingFails() throws IOException {
    Run run = run("ledger", START, 0, 2, 1, (harness, category) -> 1);

    assertThat(run.state().challenger()).isNull();
    assertThat(run.decisions()).hasAtLeastOneElementOfType(Decision.Idle.class);
  }

  @Test
  void waitsForAChallengerThatWasNotRolledOut() throws IOException {
    AegisState state = run("ledger", START, 0, 0, 7, TRUTH).state();
    try (Ledger ledger = Ledger.open(folder.resolve("ledger"))) {
      AegisResult result =
          new Aegis(AegisSettings.DEFAULTS, TestRegistry.REGISTRY, new TestFailures(), ledger)
              .evolve(
                  state,
                  new RoundEvidence(1, arm(state.incumbent(), 1, 7, TRUTH), 7),
                  new Simulation(7, TRUTH));

      assertThat(result.next().challenger()).isEqualTo(state.challenger());
      assertThat(result.decisions()).hasAtLeastOneElementOfType(Decision.Postponed.class);
    }
  }

  @Test
  void refusesEvidenceOfAnEarlierRoundOrAnotherHarness() {
    try (Ledger ledger = Ledger.open(folder.resolve("ledger"))) {
      Aegis aegis =
          new Aegis(AegisSettings.DEFAULTS, TestRegistry.REGISTRY, new TestFailures(), ledger);
      AegisState other = AegisState.initial(HarnessConfig.of(ProcessorSpec.of("guard")));

      assertThatThrownBy(
              () -> aegis.evolve(START, round(other, 0, 1, TRUTH), new Simulation(1, TRUTH)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("must have run under the incumbent or the challenger");
      AegisState next =
          aegis.evolve(START, round(START, 4, 1, TRUTH), new Simulation(1, TRUTH)).next();
      assertThatThrownBy(
              () -> aegis.evolve(next, round(next, 4, 1, TRUTH), new Simulation(1, TRUTH)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("seen round 4: the next must be later, was 4");
    }
  }

  @Test
  void readsSettingsThatStateOnlyWhatDiffers() throws JsonProcessingException {
    JsonMapper json = new JsonMapper();

    AegisSettings read =
        json.readValue(
            "{\"cooldown\": 9, \"gate\": {\"seesaw\": \"strict\"}}", AegisSettings.class);

    assertThat(read.cooldown()).isEqualTo(9);
    assertThat(read.gate().strictTasks()).isEqualTo(AegisSettings.DEFAULTS.gate().strictTasks());
    assertThat(json.readValue(json.writeValueAsString(read), AegisSettings.class)).isEqualTo(read);
    assertThatThrownBy(() -> json.readValue("{\"candidates\": 0}", AegisSettings.class))
        .hasMessageContaining("candidates must be at least 1, was 0");
  }

  @Test
  void spreadsExplorationEvenly() throws IOException {
    Run run = run("ledger", START, 0, 14, 3, (harness, category) -> 0.4);

    Set<Integer> explored = new HashSet<>();
    int number = 0;
    for (Decision decision : run.decisions()) {
      if (decision instanceof Decision.Proposed proposed) {
        number++;
        if (proposed.challenger().exploratory()) {
          explored.add(number);
        }
      }
    }
    assertThat(explored).contains(5).isSubsetOf(Set.of(5, 10, 15));
  }
}
