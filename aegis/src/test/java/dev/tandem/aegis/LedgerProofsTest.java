package dev.tandem.aegis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.aegis.gate.GateSettings;
import dev.tandem.aegis.gate.PlayedBatch;
import dev.tandem.aegis.gate.Rehearsal;
import dev.tandem.aegis.gate.Seesaw;
import dev.tandem.aegis.gate.Simulation;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.ledger.LedgerEntry;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.run.RolloutResult;
import dev.tandem.rollout.store.StoredEpisode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class LedgerProofsTest {
  private static final Simulation.Chance TRUTH =
      (harness, category) ->
          0.3
              + (TestRegistry.has(harness, "guard") ? 0.3 : 0)
              + (TestRegistry.has(harness, "searched") ? 0.1 : 0);

  @TempDir private Path folder;

  /** Segments of gate episodes by the id of their first, as a store would have them. */
  private final Map<String, List<StoredEpisode>> stored = new TreeMap<>();

  private static GateSettings settings(Seesaw rule) {
    return new GateSettings(rule, 400, 0.2, 0.3, 24, 200, 48, 0.05, 0.05, 0.8, 0.02, 24);
  }

  /** Rounds of evolution whose gate episodes are stored. */
  private List<LedgerEntry> entries(Seesaw rule) {
    AegisState state = AegisState.initial(TestRegistry.BARE);
    TestRounds rounds = new TestRounds(TRUTH, 5);
    try (Ledger ledger = Ledger.open(folder.resolve("ledger.jsonl"))) {
      Aegis aegis =
          new Aegis(
              AegisSettings.DEFAULTS.with(settings(rule)),
              TestRegistry.REGISTRY,
              new TestFailures(),
              ledger);
      for (int round = 1; round <= 6; round++) {
        state = aegis.evolve(state, rounds.play(aegis, state, round), new Storing(round)).next();
      }
      return ledger.entries();
    }
  }

  /**
   * Plays as a simulation does, without any gain in the first round, and gives every episode an id
   * of its own.
   */
  private final class Storing implements Rehearsal {
    private final int round;
    private final Simulation simulation;
    private int number;

    Storing(int round) {
      this.round = round;
      this.simulation = new Simulation(round, round == 1 ? (harness, category) -> 0.5 : TRUTH);
    }

    @Override
    public RolloutResult run(HarnessConfig harness, List<Integer> tasks, int attempt) {
      String prefix = "g%04d-%03d".formatted(round, ++number);
      List<Trajectory> played = new ArrayList<>();
      for (Trajectory one : simulation.run(harness, tasks, attempt).trajectories()) {
        played.add(renamed(one, "%s-%05d".formatted(prefix, played.size()), one.verdict()));
      }
      stored.put(
          played.getFirst().id(),
          new ArrayList<>(played.stream().map(StoredEpisode.Judged::new).toList()));
      return new RolloutResult(played, List.of());
    }

    @Override
    public String category(int task) {
      return simulation.category(task);
    }
  }

  private static Trajectory renamed(Trajectory one, String id, Verdict verdict) {
    return new Trajectory(
        id,
        one.phase(),
        one.round(),
        one.task(),
        one.harnessHash(),
        one.checkpoint(),
        one.seed(),
        one.episode(),
        verdict);
  }

  private List<StoredEpisode> find(int round, PlayedBatch.Side side) {
    return stored.getOrDefault(side.first(), List.of());
  }

  @ParameterizedTest
  @EnumSource(Seesaw.class)
  void bearOutWhatTheGateDecided(Seesaw rule) {
    List<LedgerEntry> entries = entries(rule);

    LedgerProofs.Findings found = LedgerProofs.check(entries, settings(rule), this::find);

    assertThat(found.differences()).isEmpty();
    assertThat(found.proofs()).isGreaterThanOrEqualTo(2);
    assertThat(entries).anySatisfy(entry -> assertThat(entry.kind()).isEqualTo("rejected"));
  }

  private List<StoredEpisode> inSegment(String segment) {
    return Objects.requireNonNull(stored.get(segment));
  }

  @Test
  void locateAFlippedVerdict() {
    List<LedgerEntry> entries = entries(Seesaw.SEQUENTIAL);
    String segment = stored.keySet().iterator().next();
    Trajectory seventh = ((StoredEpisode.Judged) inSegment(segment).get(7)).trajectory();
    boolean success = !seventh.verdict().success();
    inSegment(segment)
        .set(
            7,
            new StoredEpisode.Judged(
                renamed(
                    seventh,
                    seventh.id(),
                    new Verdict(success, 0, 0, new TreeMap<>(), List.of()))));

    assertThat(LedgerProofs.check(entries, settings(Seesaw.SEQUENTIAL), this::find).differences())
        .singleElement()
        .asString()
        .matches(
            "line \\d+ \\(round 1, r0001-1\\): episode %s is stored as %s and stands in the ledger as %s"
                .formatted(
                    seventh.id(),
                    success ? "solved" : "not solved",
                    success ? "not solved" : "solved"));
  }

  @Test
  void locateEpisodesThatAreMissing() {
    List<LedgerEntry> entries = entries(Seesaw.SEQUENTIAL);
    String segment = stored.keySet().iterator().next();
    inSegment(segment).removeLast();
    String gone = stored.keySet().stream().skip(1).findFirst().orElseThrow();
    stored.remove(gone);

    assertThat(LedgerProofs.check(entries, settings(Seesaw.SEQUENTIAL), this::find).differences())
        .anySatisfy(
            one ->
                assertThat(one)
                    .endsWith(
                        "23 episodes are stored of those played with %s, and the ledger names 24"
                            .formatted(segment)))
        .anySatisfy(
            one ->
                assertThat(one).endsWith("the episodes played with " + gone + " are not stored"));
  }

  @Test
  void noticeNumbersThatTheEpisodesDoNotGive() throws JsonProcessingException {
    List<LedgerEntry> honest = entries(Seesaw.SEQUENTIAL);
    JsonMapper json = new JsonMapper();
    List<LedgerEntry> forged = new ArrayList<>();
    for (LedgerEntry entry : honest) {
      String changed =
          json.writeValueAsString(entry.payload())
              .replaceFirst("(\"pairs\":\\d+,\"wins\":)", "$19");
      forged.add(
          new LedgerEntry(
              entry.sequence(),
              entry.round(),
              entry.kind(),
              json.readTree(entry.kind().equals("shipped") ? changed : entry.payload().toString()),
              entry.previous(),
              entry.hash()));
    }

    assertThat(LedgerProofs.check(forged, settings(Seesaw.SEQUENTIAL), this::find).differences())
        .isNotEmpty()
        .allSatisfy(one -> assertThat(one).contains("the wins are ").contains(" in the ledger"));
  }

  @Test
  void noticeATestWhoseLevelWasNotLeft() {
    List<LedgerEntry> entries = entries(Seesaw.SEQUENTIAL);
    GateSettings vetted = settings(Seesaw.SEQUENTIAL);
    GateSettings stricter =
        new GateSettings(
            vetted.seesaw(),
            vetted.episodesPerRound(),
            vetted.alpha() / 2,
            vetted.power(),
            vetted.batch(),
            vetted.maximumPairs(),
            vetted.extraPairs(),
            vetted.margin(),
            vetted.risk(),
            vetted.harmed(),
            vetted.futility(),
            vetted.strictTasks());

    assertThat(LedgerProofs.check(entries, stricter, this::find).differences())
        .isNotEmpty()
        .first()
        .asString()
        .contains("its level is ");
  }
}
