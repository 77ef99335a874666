package dev.tandem.aegis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.aegis.critique.Assessment;
import dev.tandem.aegis.gate.Check;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.ledger.LedgerEntry;
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

  @TempDir private Path folder;

  @Test
  void saysWhatWasTriedOnHowManyEpisodesWhatItDidAndWhatWasDecided() {
    assertThat(
            told(
                "digested",
                "{\"attempts\": 512, \"successes\": 285, \"regressions\": 2, \"blame\":"
                    + " {\"out_of_steps\": 0.5, \"lost_progress\": 9.6, \"repeated_action\": 4.8,"
                    + " \"redundant_search\": 5}}",
                "proposed",
                "{\"reason\": \"expected to help 6.9 tasks\", \"challenger\": {\"manifest\":"
                    + " {\"id\": \"r0001-3\", \"changes\": [\"added parse_retry\"]}}}",
                "assessed",
                "{\"candidate\": \"r0001-3\", \"assessment\": {\"endorsed\": true, \"episodes\":"
                    + " 256, \"fired\": 250, \"reason\": \"it gains\"}}",
                "shipped",
                "{\"candidate\": \"r0001-3\", \"harness\": \"5b673a62398ae881\", \"map\": {\"proof\": %s}}"
                    .formatted(PROOF),
                "reverted",
                "{\"from\": \"5b673a62398ae881\", \"to\": \"8d3d6b57e6eea44d1b52\", \"evidence\":"
                    + " 6.31}",
                "assessed",
                "{\"candidate\": \"r0002-1\", \"assessment\": {\"endorsed\": false, \"episodes\":"
                    + " 8, \"fired\": 0, \"reason\": \"it did nothing\"}}",
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
            "Round 1: the harness solved 285 of 512 training episodes; its failures are above all"
                + " lost progress (to blame for 9.6 tasks), redundant search (to blame for 5.0"
                + " tasks), repeated action (to blame for 4.8 tasks); 2 tasks that were safely"
                + " solved are lost.",
            "Round 2: r0001-3 (added parse_retry) is tried next: expected to help 6.9 tasks.",
            "Round 3: r0001-3 (added parse_retry), tried on 256 training episodes and at work in"
                + " 250 of them, goes to the gate: it gains.",
            "Round 4: r0001-3 (added parse_retry) ships and is part of the harness from now on: at"
                + " the gate it won 25 and lost 9 of 192 pairs of episodes, an e-value of 31.24"
                + " where 10.0 is needed.",
            "Round 5: r0001-3 (added parse_retry) is taken back, because success has dropped"
                + " (evidence 6.3 nats); the harness is 8d3d6b57e6ee again.",
            "Round 6: r0002-1, tried on 8 training episodes and at work in 0 of them, is rejected"
                + " by the critic: it did nothing.",
            "Round 7: r0001-3 (added parse_retry) is rejected by the gate (red lines): it removes a"
                + " tool, and is never tried again.",
            "Round 8: r0003-1 is rejected by the gate (seesaw): a gain is out of reach; it won 25"
                + " and lost 9 of 192 pairs of episodes.",
            "Round 9: no edit is tried next: nothing is actionable.");
  }

  @Test
  void showsAnEntryThatItDoesNotKnowAsItIs() {
    assertThat(told("marvelled", "{\"at\": 3}")).containsExactly("Round 1: marvelled: {\"at\":3}");
  }

  @Test
  void countsDecisionsAsItCountsTheirEntries() {
    List<Decision> decisions =
        List.of(
            new Decision.Assessed("a", new Assessment(true, "good", 1, 2, 1, 0, 1, 1)),
            new Decision.Assessed("b", new Assessment(false, "bad", 1, 2, 0, 1, 0, 1)),
            new Decision.Rejected("a", Check.MANIFEST, "incomplete", false, null),
            new Decision.Postponed("c"),
            new Decision.Idle("nothing to do"),
            new Decision.Reverted("1".repeat(64), "2".repeat(64), 6));
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
