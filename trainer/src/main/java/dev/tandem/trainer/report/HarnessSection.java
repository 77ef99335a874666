package dev.tandem.trainer.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What evolution did to the harness: the versions with their logic maps, and what was refused. */
final class HarnessSection {
  /** The questions of a logic map in the order a reader asks them, with their keys. */
  private static final Map<String, List<String>> QUESTIONS = questions();

  private final HarnessHistory history;

  HarnessSection(HarnessHistory history) {
    this.history = history;
  }

  String html() {
    return """
    <section>
    <h2>Harness versions</h2>
    <p class="note">Every edit that passed the gate, in order, with its logic map.</p>
    %s
    <h2>Edits that were refused</h2>
    <p class="note">With the first check that each failed. Wins and losses count paired gate episodes that only one side solved.</p>
    %s
    </section>
    """
        .formatted(versions(), refusals());
  }

  private String versions() {
    List<HarnessHistory.Change> changes = history.changes();
    return changes.isEmpty()
        ? "<div class=\"panel empty\">The harness is the one the run began with.</div>"
        : changes.stream()
            .map(this::version)
            .collect(Collectors.joining("", "<ol class=\"versions\">", "</ol>"));
  }

  private String version(HarnessHistory.Change change) {
    return """
    <li><div class="when"><b>v%d</b>round %d</div>
    <div class="panel version"><div class="top"><b>%s</b>%s<span class="hash">%s</span></div>%s<dl class="map">%s</dl></div></li>
    """
        .formatted(
            change.version(),
            change.round(),
            Html.text(
                change.candidate().isEmpty()
                    ? change.reverted() ? "Back to an earlier version" : "Edit"
                    : change.candidate()),
            change.reverted()
                ? "<span class=\"badge bad\">reverted</span>"
                : "<span class=\"badge good\">shipped</span>",
            Html.text(shortHash(change.hash())),
            diff(change.edits()),
            change.reverted()
                ? reversal(change.map())
                : map(change.map(), !change.edits().isEmpty()));
  }

  /** Why a version was taken back: drift found that success had dropped under it. */
  private String reversal(JsonNode payload) {
    JsonNode evidence = payload.path("evidence");
    return row("Taken back", TextNode.valueOf(versionOf(payload.path("from").asText())))
        + row("In force again", TextNode.valueOf(versionOf(payload.path("to").asText())))
        + (evidence.isNumber()
            ? row(
                "Why",
                TextNode.valueOf(
                    "success had dropped; evidence %s nats"
                        .formatted(Figures.number(evidence.doubleValue()))))
            : row("Why", evidence.isMissingNode() ? payload.path("reason") : evidence));
  }

  private String versionOf(String hash) {
    return history.changes().stream()
        .filter(change -> !change.reverted() && change.hash().equals(hash))
        .findFirst()
        .map(change -> "v%d (%s)".formatted(change.version(), change.candidate()))
        .orElseGet(() -> shortHash(hash));
  }

  private static Map<String, List<String>> questions() {
    Map<String, List<String>> questions = new LinkedHashMap<>();
    questions.put("What was there", List.of("was", "before"));
    questions.put("What was wrong", List.of("wrong", "problem"));
    questions.put("Failing tasks", List.of("failing_tasks", "failingTasks"));
    questions.put("Seen in", List.of("evidence"));
    questions.put("What changes", List.of("changes"));
    questions.put("In training", List.of("trial"));
    questions.put("At the gate", List.of("proof"));
    return questions;
  }

  private static String map(JsonNode map, boolean changesShown) {
    StringBuilder rows = new StringBuilder();
    Set<String> asked = new HashSet<>(changesShown ? Set.of("changes") : Set.of());
    QUESTIONS.forEach(
        (question, keys) ->
            keys.stream()
                .filter(map::has)
                .filter(asked::add)
                .forEach(key -> rows.append(row(question, map.path(key)))));
    for (Map.Entry<String, JsonNode> part : map.properties()) {
      if (asked.add(part.getKey())) {
        String words = Html.words(part.getKey());
        String question = Character.toUpperCase(words.charAt(0)) + words.substring(1);
        rows.append(row(question, part.getValue()));
      }
    }
    return rows.toString();
  }

  private static String row(String question, JsonNode answer) {
    boolean empty =
        answer.isNull() || answer.isMissingNode() || (answer.isContainerNode() && answer.isEmpty());
    return empty
        ? ""
        : "<dt>%s</dt><dd>%s</dd>".formatted(Html.text(question), LogicFacts.html(answer));
  }

  private String refusals() {
    List<HarnessHistory.Refusal> refusals = history.refusals();
    return refusals.isEmpty()
        ? "<div class=\"panel empty\">None.</div>"
        : refusals.stream()
            .map(HarnessSection::refusal)
            .collect(
                Collectors.joining(
                    "",
                    "<div class=\"panel scroll\"><table><thead><tr><th class=\"number\">Round</th>"
                        + "<th>Candidate</th><th>Edit</th><th>Failed at</th><th>Reason</th>"
                        + "<th class=\"number\">Wins : losses</th></tr></thead><tbody>",
                    "</tbody></table></div>"));
  }

  private static String refusal(HarnessHistory.Refusal refusal) {
    return "<tr><td class=\"number\">%d</td><td>%s</td><td><code>%s</code></td><td>%s</td><td>%s</td><td class=\"number\">%s</td></tr>"
        .formatted(
            refusal.round(),
            Html.text(refusal.candidate()),
            refusal.edits().stream().map(Html::text).collect(Collectors.joining("<br>")),
            Html.text(Html.words(refusal.check())),
            Html.text(refusal.reason()),
            LogicFacts.score(refusal.proof()));
  }

  private static String diff(List<String> lines) {
    return lines.isEmpty()
        ? ""
        : lines.stream()
            .map(line -> "<span class=\"%s\">%s</span>".formatted(diffClass(line), Html.text(line)))
            .collect(Collectors.joining("\n", "<pre class=\"diff\">", "</pre>"));
  }

  private static String diffClass(String line) {
    if (line.startsWith("+") || line.startsWith("insert")) {
      return "plus";
    }
    return line.startsWith("-") || line.startsWith("remove") ? "minus" : "turn";
  }

  private static String shortHash(String hash) {
    return hash.length() > 12 ? hash.substring(0, 12) : hash;
  }
}
