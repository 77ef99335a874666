package dev.tandem.aegis;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.aegis.gate.GateAccount;
import dev.tandem.aegis.gate.GateSettings;
import dev.tandem.aegis.gate.PlayedBatch;
import dev.tandem.aegis.gate.Proof;
import dev.tandem.aegis.gate.ProofCheck;
import dev.tandem.aegis.gate.Seesaw;
import dev.tandem.aegis.ledger.LedgerEntry;
import dev.tandem.rollout.store.StoredEpisode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Recomputes every proof of a ledger from the episodes that it names. */
public final class LedgerProofs {
  private static final JsonMapper JSON = new JsonMapper();

  private final GateSettings settings;
  private final Episodes episodes;
  private final Map<String, Proof> waiting = new HashMap<>();
  private final List<String> differences = new ArrayList<>();
  private GateAccount account = GateAccount.OPENED;
  private int proofs;

  private LedgerProofs(GateSettings settings, Episodes episodes) {
    this.settings = settings;
    this.episodes = episodes;
  }

  /** Where the gate episodes of a round come from. */
  @FunctionalInterface
  public interface Episodes {
    /** Everything that was played together with the first of these; empty if that is not there. */
    List<StoredEpisode> playedWith(int round, PlayedBatch.Side side);
  }

  /**
   * What was found.
   *
   * @param proofs how many were recomputed
   * @param differences a sentence for each thing that the episodes do not bear out, naming line,
   *     round and edit
   */
  public record Findings(int proofs, List<String> differences) {
    public Findings {
      differences = List.copyOf(differences);
    }
  }

  /**
   * @param settings the gate's, by which the proofs were made
   */
  public static Findings check(
      List<LedgerEntry> entries, GateSettings settings, Episodes episodes) {
    LedgerProofs proofs = new LedgerProofs(settings, episodes);
    entries.forEach(proofs::check);
    return new Findings(proofs.proofs, proofs.differences);
  }

  private void check(LedgerEntry entry) {
    JsonNode payload = entry.payload();
    switch (entry.kind()) {
      case "shipped", "forked", "awaiting" -> {
        Proof proof = proof(entry, payload.path("map").path("proof"));
        if (proof != null) {
          passed(entry, proof);
        }
      }
      case "rejected" -> {
        Proof proof = proof(entry, payload.path("proof"));
        if (proof != null) {
          compare(entry, proof, payload.path("reason").asText());
        }
      }
      default -> {
        // It rests on no gate episodes.
      }
    }
  }

  private void passed(LedgerEntry entry, Proof proof) {
    String candidate = entry.payload().path("candidate").asText();
    Proof approved = waiting.remove(candidate);
    if (approved != null && !entry.kind().equals("awaiting")) {
      if (!approved.equals(proof)) {
        differs(entry, "it ships with another proof than it was approved with");
      }
      return;
    }
    if (entry.kind().equals("awaiting")) {
      waiting.put(candidate, proof);
    }
    String harness = entry.payload().path("harness").asText();
    if (proof.batches().stream().anyMatch(one -> !one.candidate().harness().equals(harness))) {
      differs(entry, "its gate episodes were played under another harness than ships");
    }
    compare(entry, proof, null);
  }

  private void compare(LedgerEntry entry, Proof proof, @Nullable String reason) {
    proofs++;
    double level = account.nextLevel(settings.alpha());
    if (proof.rule() == Seesaw.SEQUENTIAL && proof.alpha() != level) {
      differs(
          entry,
          "its level is %s, and the tests before it leave %s".formatted(proof.alpha(), level));
    }
    account = account.afterTest(reason == null);
    new ProofCheck(settings)
        .differences(proof, reason, side -> episodes.playedWith(entry.round(), side))
        .forEach(difference -> differs(entry, difference));
  }

  private @Nullable Proof proof(LedgerEntry entry, JsonNode proof) {
    if (!proof.isObject()) {
      return null;
    }
    try {
      return JSON.treeToValue(proof, Proof.class);
    } catch (JsonProcessingException | IllegalArgumentException e) {
      differs(entry, "its proof is not as this build writes it");
      return null;
    }
  }

  private void differs(LedgerEntry entry, String what) {
    differences.add(
        "line %d (round %d, %s): %s"
            .formatted(
                entry.sequence() + 1,
                entry.round(),
                entry.payload().path("candidate").asText(),
                what));
  }
}
