package dev.tandem.aegis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.aegis.gate.GateSettings;
import dev.tandem.aegis.gate.Seesaw;
import dev.tandem.aegis.gate.Simulation;
import dev.tandem.aegis.ledger.LedgerEntry;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.store.StoredEpisode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

  private final StoredGate stored = new StoredGate();

  private static GateSettings settings(Seesaw rule) {
    return new GateSettings(rule, 400, 0.2, 0.3, 24, 200, 48, 0.05, 0.05, 0.8, 0.02, 24);
  }

  /** Rounds of evolution whose gate episodes are stored, without any gain in the first. */
  private List<LedgerEntry> entries(Seesaw rule) {
    return TestLoop.of(folder.resolve("ledger.jsonl"), new TestRounds(TRUTH, 5))
        .with(AegisSettings.DEFAULTS.with(settings(rule)))
        .at(
            round ->
                stored.of(
                    round, new Simulation(round, round == 1 ? (harness, category) -> 0.5 : TRUTH)))
        .run(6)
        .entries();
  }

  @ParameterizedTest
  @EnumSource(Seesaw.class)
  void bearOutWhatTheGateDecided(Seesaw rule) {
    List<LedgerEntry> entries = entries(rule);

    LedgerProofs.Findings found = LedgerProofs.check(entries, settings(rule), stored::find);

    assertThat(found.differences()).isEmpty();
    assertThat(found.proofs()).isGreaterThanOrEqualTo(2);
    assertThat(entries).anySatisfy(entry -> assertThat(entry.kind()).isEqualTo("rejected"));
  }

  @Test
  void locateAFlippedVerdict() {
    List<LedgerEntry> entries = entries(Seesaw.SEQUENTIAL);
    String segment = stored.names().getFirst();
    Trajectory seventh = ((StoredEpisode.Judged) stored.segment(segment).get(7)).trajectory();
    boolean success = !seventh.verdict().success();
    stored
        .segment(segment)
        .set(
            7,
            new StoredEpisode.Judged(
                TestEpisodes.as(
                    seventh,
                    seventh.id(),
                    new Verdict(success, 0, 0, new TreeMap<>(), List.of()))));

    assertThat(LedgerProofs.check(entries, settings(Seesaw.SEQUENTIAL), stored::find).differences())
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
    String segment = stored.names().getFirst();
    stored.segment(segment).removeLast();
    String gone = stored.names().get(1);
    stored.lose(gone);

    assertThat(LedgerProofs.check(entries, settings(Seesaw.SEQUENTIAL), stored::find).differences())
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
  void noticeNumbersThatTheEpisodesDoNotGive() {
    List<LedgerEntry> forged = new ArrayList<>();
    for (LedgerEntry entry : entries(Seesaw.SEQUENTIAL)) {
      JsonNode payload = entry.payload().deepCopy();
      if (payload.at("/map/proof") instanceof ObjectNode proof) {
        proof.put("wins", proof.path("wins").asInt() + 900);
      }
      forged.add(
          new LedgerEntry(
              entry.sequence(),
              entry.round(),
              entry.kind(),
              payload,
              entry.previous(),
              entry.hash()));
    }

    assertThat(LedgerProofs.check(forged, settings(Seesaw.SEQUENTIAL), stored::find).differences())
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

    assertThat(LedgerProofs.check(entries, stricter, stored::find).differences())
        .isNotEmpty()
        .first()
        .asString()
        .contains("its level is ");
  }
}
