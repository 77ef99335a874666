package dev.tandem.aegis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.aegis.digest.Anchor;
import dev.tandem.aegis.gate.Check;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.ledger.LedgerEntry;
import dev.tandem.aegis.plan.LandscapeSummary;
import dev.tandem.aegis.screen.Effect;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.harness.spi.FailureCategory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LedgerStoryTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PROOF =
      "{\"wins\": 25, \"losses\": 9, \"pairs\": 192, \"eValue\": 31.24, \"alpha\": 0.1}";

  private static final String LEVER =
      "{\"lever\": {\"factor\": \"retry\", \"level\": \"parse_retry\"}, \"inForce\": false,"
          + " \"effect\": 0.067, \"low\": 0.032, \"high\": 0.101, \"episodes\": 310}";

  private static final LandscapeSummary LANDSCAPE =
      new LandscapeSummary(
          64,
          512,
          285,
          List.of(
              row("place", "out_of_steps", 0.5),
              row("place", "lost_progress", 4.6),
              row("two", "lost_progress", 5),
              row("two", "repeated_action", 4.8),
              row("two", "redundant_search", 5)),
          List.of("house/1", "house/2"),
          List.of(new LandscapeSummary.Neglected(FailureCategory.OUT_OF_STEPS, 0.5)),
          List.of(),
          List.of());

  private static LandscapeSummary.Row row(String category, String failure, double weight) {
    return new LandscapeSummary.Row(
        category, FailureCategory.of(failure), 9, weight, 0, new Anchor("r0001-00001", 3));
  }

  private static final Lever GUARD = new Lever("guard", "guard");

  @TempDir private Path folder;

  @Test
  void saysWhatWasTriedOnHowManyEpisodesWhatItDidAndWhatWasDecided()
      throws JsonProcessingException {
    assertThat(
            told(
                "digested",
                new JsonMapper().writeValueAsString(new Decision.Digested(LANDSCAPE)),
                "screened",
                "{\"played\": 512, \"remembered\": 2048, \"levers\": [%s, %s]}"
                    .formatted(LEVER, LEVER.replace("false", "true")),
                "bundled",
                "{\"manifest\": {\"id\": \"r0001-3\", \"changes\": [\"added parse_retry\"]},"
                    + " \"levers\": [%s]}".formatted(LEVER),
                "shipped",
                "{\"candidate\": \"r0001-3\", \"harness\": \"5b673a62398ae881\", \"map\": {\"proof\": %s}}"
                    .formatted(PROOF),
                "scored",
                "{\"candidate\": \"r0001-3\", \"cluster\": \"two\", \"predicted\": {\"mean\":"
                    + " 0.061}, \"seen\": {\"mean\": 0.055}, \"score\": \"CAME_TRUE\"}",
                "reverted",
                "{\"from\": \"5b673a62398ae881\", \"to\": \"8d3d6b57e6eea44d1b52\", \"lever\":"
                    + " {\"factor\": \"retry\", \"level\": \"parse_retry\"}, \"window\": 3,"
                    + " \"effect\": {\"mean\": -0.08}}",
                "bisected",
                "{\"first\": [{\"factor\": \"a\", \"level\": \"on\"}], \"second\": [{\"factor\":"
                    + " \"b\", \"level\": \"x\"}, {\"factor\": \"c\", \"level\": \"y\"}]}",
                "rejected",
                "{\"candidate\": \"r0001-3\", \"check\": \"RED_LINES\", \"quarantined\": true,"
                    + " \"reason\": \"it removes a tool\"}",
                "rejected",
                "{\"candidate\": \"r0003-1\", \"check\": \"SEESAW\", \"reason\": \"a gain is out of"
                    + " reach\","
                    + " \"proof\": %s}".formatted(PROOF.replace("0.1}", "0}")),
                "idle",
                "{\"reason\": \"nothing is actionable\"}"))
        .containsExactly(
            "Round 1: the incumbent solved 285 of 512 training episodes; its failures are above all"
                + " lost progress (to blame for 9.6 tasks), redundant search (to blame for 5.0"
                + " tasks), repeated action (to blame for 4.8 tasks); 2 tasks that were safely"
                + " solved are lost; nothing is meant to cure out of steps.",
            "Round 2: 2048 episodes are evidence on 2 levers; not in force, and promising most:"
                + " retry=parse_retry (+6.7 points, between +3.2 and +10.1, on 310 episodes).",
            "Round 3: r0001-3 (added parse_retry) goes to the gate: retry=parse_retry (+6.7 points,"
                + " between +3.2 and +10.1, on 310 episodes).",
            "Round 4: r0001-3 (added parse_retry) ships and is part of the harness from now on: at"
                + " the gate it won 25 and lost 9 of 192 pairs of episodes, an e-value of 31.24"
                + " where 10.0 is needed.",
            "Round 5: r0001-3 (added parse_retry) was predicted to bring +6.1 points in two and is"
                + " seen to bring +5.5: the prediction came true.",
            "Round 6: retry=parse_retry is taken out: in the last 3 rounds the episodes with it did"
                + " 8.0 points worse than those without it; the harness is 8d3d6b57e6ee now.",
            "Round 7: it is taken apart: a=on is tried alone, then there is b=x, c=y.",
            "Round 8: r0001-3 (added parse_retry) is rejected by the gate (red lines): it removes a"
                + " tool, and is never tried again.",
            "Round 9: r0003-1 is rejected by the gate (seesaw): a gain is out of reach; it won 25"
                + " and lost 9 of 192 pairs of episodes.",
            "Round 10: nothing is tested: nothing is actionable.");
  }

  @Test
  void showsAnEntryThatItDoesNotKnowAsItIs() {
    assertThat(told("marvelled", "{\"at\": 3}")).containsExactly("Round 1: marvelled: {\"at\":3}");
  }

  @Test
  void countsDecisionsAsItCountsTheirEntries() {
    List<Decision> decisions =
        List.of(
            new Decision.Bisected(List.of(GUARD), List.of()),
            new Decision.Rejected("a", Check.MANIFEST, "incomplete", false, null),
            new Decision.Declined("b", "Ann", "today", ""),
            new Decision.Concerned(GUARD, "it keeps failing"),
            new Decision.Idle("nothing to do"),
            new Decision.Reverted(
                "1".repeat(64), "2".repeat(64), GUARD, new Effect(-0.1, 0.02), 3));
    List<LedgerEntry> entries;
    Path file = folder.resolve("ledger.jsonl");
    try (Ledger ledger = Ledger.open(file)) {
      decisions.forEach(decision -> ledger.append(1, decision.kind(), decision));
      entries = Ledger.verify(file).entries();
    }
    assertThat(Verdict.REJECTED.count(decisions)).isEqualTo(2);
    assertThat(Verdict.REVERTED.count(decisions)).isEqualTo(1);
    assertThat(Verdict.SHIPPED.count(decisions)).isZero();
    for (Verdict verdict : Verdict.values()) {
      assertThat(verdict.countEntries(entries)).isEqualTo(verdict.count(decisions));
    }
    for (int i = 0; i < entries.size(); i++) {
      assertThat(Verdict.of(entries.get(i).kind(), entries.get(i).payload()))
          .isEqualTo(Verdict.of(decisions.get(i)));
    }
    assertThat(Verdict.of(decisions.getFirst())).isEqualTo(Optional.empty());
  }

  /** The sentences for entries of successive rounds, given as kinds and payloads. */
  private static List<String> told(String... kindsAndPayloads) {
    List<LedgerEntry> entries = new ArrayList<>();
    for (int i = 0; i < kindsAndPayloads.length; i += 2) {
      JsonNode payload;
      try {
        payload = JSON.readTree(kindsAndPayloads[i + 1]);
      } catch (JsonProcessingException e) {
        throw new AssertionError(e);
      }
      entries.add(new LedgerEntry(i / 2, 1 + i / 2, kindsAndPayloads[i], payload, "", ""));
    }
    return LedgerStory.tell(entries);
  }
}
