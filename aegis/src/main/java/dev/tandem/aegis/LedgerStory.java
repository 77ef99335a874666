package dev.tandem.aegis;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tandem.aegis.ledger.LedgerEntry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A ledger for people: one sentence for each entry, with what was tried, on how many episodes, what
 * it did and what was decided. A later entry names an edit by its id alone; the sentence says what
 * the edit is, from the entry that bundled it.
 */
public final class LedgerStory {
  private static final int MOST_FAILURES = 3;
  private static final int HASH = 12;

  private final Map<String, String> editByCandidate = new HashMap<>();

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
    String candidate = payload.path("candidate").asText("a bundle");
    return switch (kind) {
      case "digested" -> digested(payload);
      case "refused" ->
          "%s (%s) %s before it played: %s."
              .formatted(
                  candidate,
                  payload.path("edit").asText(),
                  payload.path("quarantined").asBoolean() ? "is put in quarantine" : "is refused",
                  reason(payload));
      case "proposed" -> proposed(payload);
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
      case "screened" -> screened(payload);
      case "scored" -> scored(candidate, payload);
      case "bundled" -> bundled(payload);
      case "bisected" ->
          "it is taken apart: %s is tried alone, then there is %s."
              .formatted(levers(payload.path("first")), levers(payload.path("second")));
      case "shipped" -> shipped(candidate, payload);
      case "forked" ->
          "%s ships for tasks of the kinds %s alone, which variant %s serves from now on: at the gate it %s."
              .formatted(
                  named(candidate),
                  clusters(payload),
                  payload.path("variant").asText(),
                  fight(payload.path("map").path("proof")));
      case "retired" -> retired(payload);
      case "rejected" -> rejected(candidate, payload);
      case "reverted" -> reverted(payload);
      case "idle" -> "nothing is tested: %s.".formatted(reason(payload));
      case "concerned" ->
          "a concern about %s: %s.".formatted(lever(payload.path("lever")), reason(payload));
      default -> "%s: %s".formatted(kind, payload);
    };
  }

  private static String digested(JsonNode payload) {
    JsonNode landscape = payload.path("landscape");
    Map<String, Double> blame = new TreeMap<>();
    landscape
        .path("clusters")
        .forEach(
            row ->
                blame.merge(
                    row.path("failure").asText(), row.path("weight").asDouble(), Double::sum));
    List<String> neglected = new ArrayList<>();
    landscape
        .path("neglected")
        .forEach(one -> neglected.add(one.path("failure").asText().replace('_', ' ')));
    String failures =
        blame.entrySet().stream()
            .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
            .limit(MOST_FAILURES)
            .map(
                one ->
                    String.format(
                        Locale.ROOT,
                        "%s (to blame for %.1f tasks)",
                        one.getKey().replace('_', ' '),
                        one.getValue()))
            .reduce((one, other) -> one + ", " + other)
            .map(all -> "; its failures are above all " + all)
            .orElse("");
    int lost = landscape.path("regressions").size();
    return "the incumbent solved %d of %d training episodes%s%s%s."
        .formatted(
            landscape.path("successes").asInt(),
            landscape.path("attempts").asInt(),
            failures,
            lost == 0 ? "" : "; %d tasks that were safely solved are lost".formatted(lost),
            neglected.isEmpty()
                ? ""
                : "; nothing is meant to cure " + String.join(", ", neglected));
  }

  private static String proposed(JsonNode payload) {
    List<String> levers = new ArrayList<>();
    payload
        .path("levers")
        .forEach(one -> levers.add("%s (%s)".formatted(lever(one.path("lever")), reason(one))));
    List<String> dropped = new ArrayList<>();
    payload
        .path("dropped")
        .forEach(one -> dropped.add("%s: %s".formatted(one.path("lever").asText(), reason(one))));
    String note = payload.path("note").asText();
    return "the meta-agent brings %s%s%s."
        .formatted(
            levers.isEmpty() ? "no new lever" : String.join(", ", levers),
            dropped.isEmpty() ? "" : "; not taken in: " + String.join(", ", dropped),
            note.isEmpty() ? "" : "; " + note);
  }

  private static String screened(JsonNode payload) {
    List<JsonNode> best = new ArrayList<>();
    for (JsonNode row : payload.path("levers")) {
      if (!row.path("inForce").asBoolean()) {
        best.add(row);
      }
    }
    best.sort(Comparator.comparingDouble((JsonNode row) -> -row.path("effect").asDouble()));
    return "%d episodes are evidence on %d levers; not in force, and promising most: %s."
        .formatted(
            payload.path("remembered").asInt(),
            payload.path("levers").size(),
            best.isEmpty()
                ? "none"
                : best.stream()
                    .limit(MOST_FAILURES)
                    .map(LedgerStory::effect)
                    .collect(Collectors.joining(", ")));
  }

  private static String effect(JsonNode row) {
    return String.format(
        Locale.ROOT,
        "%s (%+.1f points, between %+.1f and %+.1f, on %d episodes)",
        lever(row.path("lever")),
        100 * row.path("effect").asDouble(),
        100 * row.path("low").asDouble(),
        100 * row.path("high").asDouble(),
        row.path("episodes").asInt());
  }

  private String scored(String candidate, JsonNode payload) {
    String cluster = payload.path("cluster").asText();
    return String.format(
        Locale.ROOT,
        "%s was predicted to bring %+.1f points%s and is seen to bring %+.1f: the prediction %s.",
        named(candidate),
        100 * payload.path("predicted").path("mean").asDouble(),
        cluster.isEmpty() ? "" : " in " + cluster,
        100 * payload.path("seen").path("mean").asDouble(),
        payload.path("score").asText().equals("CAME_TRUE") ? "came true" : "failed");
  }

  private String bundled(JsonNode payload) {
    JsonNode manifest = payload.path("manifest");
    String id = manifest.path("id").asText("a bundle");
    List<String> changes = new ArrayList<>();
    manifest.path("changes").forEach(change -> changes.add(change.asText()));
    if (!changes.isEmpty()) {
      editByCandidate.put(id, String.join("; ", changes));
    }
    List<String> effects = new ArrayList<>();
    payload.path("levers").forEach(row -> effects.add(effect(row)));
    return "%s goes to the gate%s: %s."
        .formatted(named(id), served(payload), String.join(", ", effects));
  }

  private static String levers(JsonNode levers) {
    List<String> names = new ArrayList<>();
    levers.forEach(one -> names.add(lever(one)));
    return String.join(", ", names);
  }

  private static String lever(JsonNode lever) {
    return lever.path("factor").asText("a lever") + "=" + lever.path("level").asText();
  }

  private String shipped(String candidate, JsonNode payload) {
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

  private static String reverted(JsonNode payload) {
    int window = payload.path("window").asInt();
    double effect = payload.path("effect").path("mean").asDouble();
    return "%s is taken out%s: %s; the harness is %s now."
        .formatted(
            lever(payload.path("lever")),
            served(payload),
            payload.has("gaming")
                ? String.format(
                    Locale.ROOT,
                    "it games the verifier, for by the episodes of the last %d rounds %s, whatever"
                        + " it does to success (%+.1f points)",
                    window,
                    payload.path("gaming").asText(),
                    100 * effect)
                : String.format(
                    Locale.ROOT,
                    "in the last %d rounds the episodes with it did %.1f points worse than those"
                        + " without it",
                    window,
                    -100 * effect),
            shortened(payload.path("to").asText()));
  }

  private static String retired(JsonNode payload) {
    if (payload.has("successor")) {
      return String.format(
          Locale.ROOT,
          "variant %s gives its place to %s, for it is worth least of those there are: in the last"
              + " %d rounds it brought %+.1f points over the default, which serves tasks of the"
              + " kinds %s again.",
          payload.path("variant").asText(),
          payload.path("successor").asText(),
          payload.path("window").asInt(),
          100 * payload.path("effect").path("mean").asDouble(),
          clusters(payload));
    }
    boolean isTheSame = payload.path("from").equals(payload.path("to"));
    return "variant %s is merged back into the default, which serves tasks of the kinds %s again: %s."
        .formatted(
            payload.path("variant").asText(),
            clusters(payload),
            isTheSame
                ? "both have come to the same harness"
                : String.format(
                    Locale.ROOT,
                    "in the last %d rounds it brought %+.1f points there",
                    payload.path("window").asInt(),
                    100 * payload.path("effect").path("mean").asDouble()));
  }

  private static String clusters(JsonNode payload) {
    List<String> names = new ArrayList<>();
    payload.path("clusters").forEach(one -> names.add(one.asText()));
    return String.join(", ", names);
  }

  /** What is about a variant says so; what is about the default need not. */
  private static String served(JsonNode payload) {
    return payload.has("clusters") ? " for tasks of the kinds " + clusters(payload) : "";
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
