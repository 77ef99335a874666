package dev.tandem.aegis;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tandem.aegis.ledger.LedgerEntry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A ledger for people: one sentence for each entry, with what was tried, on how many episodes, what
 * it did and what was decided. A later entry names an edit by its id alone; the sentence says what
 * the edit is, from the entry that proposed it.
 */
public final class LedgerStory {
  private static final int MOST_FAILURES = 3;
  private static final int HASH = 12;

  private final Map<String, String> editByCandidate = new HashMap<>();
  private final Map<String, String> candidateByHarness = new HashMap<>();

  private LedgerStory() {}

  /** One sentence for each entry, oldest first. */
  public static List<String> tell(List<LedgerEntry> entries) {
    LedgerStory story = new LedgerStory();
    List<String> sentences = new ArrayList<>();
    for (LedgerEntry entry : entries) {
      sentences.add(
          "Round %d: %s".formatted(entry.round(), story.sentence(entry.kind(), entry.payload())));
    }
    return sentences;
  }

  private String sentence(String kind, JsonNode payload) {
    String candidate = payload.path("candidate").asText("an edit");
    return switch (kind) {
      case "digested" -> digested(payload);
      case "proposed" -> proposed(payload);
      case "refused" ->
          "%s (%s) %s before it played: %s."
              .formatted(
                  candidate,
                  payload.path("edit").asText(),
                  payload.path("quarantined").asBoolean() ? "is put in quarantine" : "is refused",
                  reason(payload));
      case "awaiting" ->
          "%s has passed the gate and waits for a person, its risk being %s: at the gate it %s."
              .formatted(
                  named(candidate),
                  payload.path("risk").asText().toLowerCase(Locale.ROOT),
                  fight(payload.path("map").path("proof")));
      case "approved", "declined" ->
          "%s is %s by %s, %s%s."
              .formatted(
                  named(candidate),
                  kind.equals("approved") ? "approved" : "rejected",
                  payload.path("by").asText(),
                  payload.path("at").asText(),
                  payload.path("note").asText().isEmpty()
                      ? ""
                      : ", who says: " + payload.path("note").asText());
      case "postponed" ->
          "%s waits, because no training episode ran under it.".formatted(named(candidate));
      case "assessed" -> assessed(candidate, payload.path("assessment"));
      case "shipped" -> shipped(candidate, payload);
      case "rejected" -> rejected(candidate, payload);
      case "reverted" -> reverted(payload);
      case "idle" -> "no edit is tried next: %s.".formatted(reason(payload));
      case "concerned" -> "a kind of edit is blocked: %s.".formatted(reason(payload));
      default -> "%s: %s".formatted(kind, payload);
    };
  }

  private static String digested(JsonNode payload) {
    List<Map.Entry<String, JsonNode>> blame = new ArrayList<>(payload.path("blame").properties());
    blame.sort(
        Comparator.comparingDouble((Map.Entry<String, JsonNode> one) -> one.getValue().asDouble())
            .reversed()
            .thenComparing(Map.Entry::getKey));
    String failures =
        blame.stream()
            .limit(MOST_FAILURES)
            .map(
                one ->
                    String.format(
                        Locale.ROOT,
                        "%s (to blame for %.1f tasks)",
                        one.getKey().replace('_', ' '),
                        one.getValue().asDouble()))
            .reduce((one, other) -> one + ", " + other)
            .map(all -> "; its failures are above all " + all)
            .orElse("");
    int lost = payload.path("regressions").asInt();
    return "the harness solved %d of %d training episodes%s%s."
        .formatted(
            payload.path("successes").asInt(),
            payload.path("attempts").asInt(),
            failures,
            lost == 0 ? "" : "; %d tasks that were safely solved are lost".formatted(lost));
  }

  private String proposed(JsonNode payload) {
    JsonNode manifest = payload.path("challenger").path("manifest");
    String id = manifest.path("id").asText("an edit");
    List<String> changes = new ArrayList<>();
    manifest.path("changes").forEach(change -> changes.add(change.asText()));
    if (!changes.isEmpty()) {
      editByCandidate.put(id, String.join("; ", changes));
    }
    return "%s is tried next%s."
        .formatted(named(id), payload.has("reason") ? ": " + reason(payload) : "");
  }

  private String assessed(String candidate, JsonNode assessment) {
    String tried =
        assessment.has("episodes")
            ? ", tried on %d training episodes and at work in %d of them,"
                .formatted(assessment.path("episodes").asInt(), assessment.path("fired").asInt())
            : "";
    return assessment.path("endorsed").asBoolean(true)
        ? "%s%s goes to the gate: %s.".formatted(named(candidate), tried, reason(assessment))
        : "%s%s is rejected by the critic: %s."
            .formatted(named(candidate), tried, reason(assessment));
  }

  private String shipped(String candidate, JsonNode payload) {
    candidateByHarness.put(payload.path("harness").asText(), candidate);
    JsonNode proof = payload.path("map").path("proof");
    return "%s ships and is part of the harness from now on%s."
        .formatted(named(candidate), proof.isObject() ? ": at the gate it " + fight(proof) : "");
  }

  private String rejected(String candidate, JsonNode payload) {
    JsonNode proof = payload.path("proof");
    String check = payload.path("check").asText("");
    return "%s is rejected by the gate%s: %s%s%s."
        .formatted(
            named(candidate),
            check.isEmpty()
                ? ""
                : " (%s)".formatted(check.toLowerCase(Locale.ROOT).replace('_', ' ')),
            reason(payload),
            proof.isObject() ? "; it " + fight(proof) : "",
            payload.path("quarantined").asBoolean() ? ", and is never tried again" : "");
  }

  private String reverted(JsonNode payload) {
    String from = payload.path("from").asText();
    String culprit = candidateByHarness.get(from);
    return String.format(
        Locale.ROOT,
        "%s is taken back, because success has dropped (evidence %.1f nats); the harness is %s"
            + " again.",
        culprit == null ? "version " + shortened(from) : named(culprit),
        payload.path("evidence").asDouble(),
        shortened(payload.path("to").asText()));
  }

  /** Pairs, and the evidence against what was needed; the strict rule has none. */
  private static String fight(JsonNode proof) {
    String pairs =
        "won %d and lost %d of %d pairs of episodes"
            .formatted(
                proof.path("wins").asInt(),
                proof.path("losses").asInt(),
                proof.path("pairs").asInt());
    double alpha = proof.path("alpha").asDouble();
    return alpha <= 0
        ? pairs
        : String.format(
            Locale.ROOT,
            "%s, an e-value of %.2f where %.1f is needed",
            pairs,
            proof.path("eValue").asDouble(),
            1 / alpha);
  }

  private String named(String candidate) {
    String edit = editByCandidate.get(candidate);
    return edit == null ? candidate : "%s (%s)".formatted(candidate, edit);
  }

  private static String reason(JsonNode payload) {
    String reason = payload.path("reason").asText("no reason is given").strip();
    return reason.endsWith(".") ? reason.substring(0, reason.length() - 1) : reason;
  }

  private static String shortened(String hash) {
    return hash.length() <= HASH ? hash : hash.substring(0, HASH);
  }
}
