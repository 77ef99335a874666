package dev.tandem.trainer.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The harness evolution as the ledger tells it. */
final class HarnessHistory {
  private final List<Change> changes = new ArrayList<>();
  private final List<Refusal> refusals = new ArrayList<>();
  private final Map<String, List<String>> editsByCandidate = new HashMap<>();

  private HarnessHistory() {}

  /**
   * A harness version coming into force.
   *
   * @param version 1 for the first change of the initial harness, and so on
   * @param reverted whether it takes an earlier version back
   * @param edits what changed, one line each
   * @param map why, or the whole payload of a reversal
   */
  record Change(
      int version,
      int round,
      boolean reverted,
      String candidate,
      String hash,
      List<String> edits,
      JsonNode map) {}

  /**
   * An edit that did not ship.
   *
   * @param check the check it failed first
   * @param proof the numbers behind it, missing if there are none
   */
  record Refusal(
      int round,
      String candidate,
      List<String> edits,
      String check,
      String reason,
      JsonNode proof) {}

  static HarnessHistory of(List<ObjectNode> ledger) {
    HarnessHistory history = new HarnessHistory();
    ledger.forEach(history::add);
    return history;
  }

  List<Change> changes() {
    return List.copyOf(changes);
  }

  List<Refusal> refusals() {
    return List.copyOf(refusals);
  }

  private void add(ObjectNode entry) {
    String kind = entry.path("kind").asText();
    int round = entry.path("round").asInt();
    JsonNode payload = entry.path("payload");
    if (kind.startsWith("propos") || kind.startsWith("candidate")) {
      JsonNode candidate = first(payload, "challenger", "candidate");
      JsonNode stated = candidate.isObject() ? candidate : payload;
      JsonNode manifest = stated.path("manifest").isObject() ? stated.path("manifest") : stated;
      editsByCandidate.put(
          first(manifest, "id").asText(stated.path("id").asText()),
          texts(first(manifest, "changes", "diff", "edits")));
    } else if (kind.startsWith("ship")) {
      JsonNode map = first(payload, "logic_map", "logicMap", "map");
      add(round, false, payload, edits(payload, map), map);
    } else if (kind.startsWith("revert")) {
      add(round, true, payload, List.of(), payload);
    } else if (kind.startsWith("reject")) {
      refuse(round, payload, first(payload, "check", "failed_check").asText("gate"), payload);
    } else if (kind.startsWith("assess")
        && !payload.path("assessment").path("endorsed").asBoolean(true)) {
      refuse(round, payload, "critic", payload.path("assessment"));
    }
  }

  private void add(
      int round, boolean reverted, JsonNode payload, List<String> edits, JsonNode map) {
    changes.add(
        new Change(
            changes.size() + 1,
            round,
            reverted,
            candidate(payload),
            first(payload, "harness", "harness_hash", "to", "hash").asText(),
            edits,
            map));
  }

  private void refuse(int round, JsonNode payload, String check, JsonNode finding) {
    refusals.add(
        new Refusal(
            round,
            candidate(payload),
            edits(payload, finding),
            check,
            first(finding, "reason", "message").asText(),
            payload.path("proof")));
  }

  private List<String> edits(JsonNode payload, JsonNode map) {
    List<String> known = editsByCandidate.get(candidate(payload));
    if (known != null && !known.isEmpty()) {
      return known;
    }
    JsonNode stated = first(payload, "diff", "edits", "changes");
    return texts(stated.isMissingNode() ? map.path("changes") : stated);
  }

  private static String candidate(JsonNode payload) {
    return first(payload, "candidate", "id").asText();
  }

  private static JsonNode first(JsonNode node, String... keys) {
    for (String key : keys) {
      if (node.hasNonNull(key)) {
        return node.path(key);
      }
    }
    return node.path("absent");
  }

  private static List<String> texts(JsonNode node) {
    List<String> texts = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(item -> texts.add(item.isTextual() ? item.textValue() : item.toString()));
    } else if (node.isTextual()) {
      node.textValue().lines().forEach(texts::add);
    }
    return texts;
  }
}
