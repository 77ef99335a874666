package dev.tandem.trainer.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map;

/** Sealed success by kind of task, at the start and at the end. */
final class FamilySection {
  private final RunData run;

  FamilySection(RunData run) {
    this.run = run;
  }

  String html() {
    JsonNode start = run.sealed(false).path("by_family");
    JsonNode end = run.sealed(true).path("by_family");
    if (end.isEmpty()) {
      return "";
    }
    StringBuilder rows = new StringBuilder();
    for (Map.Entry<String, JsonNode> family : end.properties()) {
      rows.append(row(family.getKey(), start.path(family.getKey()), family.getValue()));
    }
    return """
    <section>
    <h2>Sealed success by kind of task</h2>
    <p class="note">In %% of episodes, from 0 at the left to 100 at the right; the change in points. The open circle is the start, the filled one %s.</p>
    <div class="panel"><table class="kinds"><thead><tr><th>Kind of task</th><th class="track"></th><th class="number">Start</th><th class="number">%s</th><th class="number">Change</th></tr></thead><tbody>%s</tbody></table></div>
    </section>
    """
        .formatted(
            run.finished() ? "the end" : "the last measurement",
            run.finished() ? "End" : "Last",
            rows);
  }

  private static String row(String family, JsonNode start, JsonNode end) {
    double to = success(end);
    boolean compared = !start.isMissingNode();
    double from = compared ? success(start) : to;
    String direction = to < from ? " down" : "";
    String track =
        String.format(
            Locale.ROOT,
            "<div class=\"range\"><span class=\"%s\" style=\"left:%.1f%%;width:%.1f%%\"></span><i"
                + " style=\"left:%.1f%%\"></i><i class=\"end%s\" style=\"left:%.1f%%\"></i></div>",
            direction.strip(),
            100 * Math.min(from, to),
            100 * Math.abs(to - from),
            100 * from,
            direction,
            100 * to);
    return """
    <tr><td>%s</td><td class="track">%s</td><td class="number">%s</td><td class="number">%s%s</td><td class="number %s">%s</td></tr>
    """
        .formatted(
            Html.text(Html.words(family)),
            track,
            compared ? Figures.percent(from) : "\u2013",
            Figures.percent(to),
            Figures.interval(end).isEmpty()
                ? ""
                : " <span class=\"hash\">" + Figures.interval(end) + "</span>",
            to < from ? "bad-text" : to > from ? "good-text" : "",
            compared ? Figures.points(to - from) : "\u2013");
  }

  private static double success(JsonNode evaluation) {
    return evaluation.isNumber() ? evaluation.doubleValue() : evaluation.path("success").asDouble();
  }
}
