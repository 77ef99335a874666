package dev.tandem.trainer.report;

import java.util.ArrayList;
import java.util.List;

/** The curves, with what is known about their turns, and all their numbers. */
final class CurveSection {
  private final RunData run;
  private final HarnessHistory history;
  private final List<RoundNote> notes;

  CurveSection(RunData run, HarnessHistory history) {
    this.run = run;
    this.history = history;
    this.notes = RoundNote.of(run, history);
  }

  String html() {
    if (run.rounds().isEmpty()) {
      return """
      <section>
      <h2>Curves</h2>
      <div class="panel empty">No round is finished yet.</div>
      </section>
      """;
    }
    List<Curves.Group> groups = new Curves(run.rounds()).groups();
    return """
    <section>
    <h2>Curves</h2>
    <p class="note">Round 0 is the agent before the first round. A curve is broken where nothing was measured. Dashed lines mark new %s versions%s.</p>
    %s%s%s</section>
    """
        .formatted(
            Glossary.link("harness"),
            notes.isEmpty() ? "" : ", small figures the notes below",
            drawn(groups.getFirst(), explained()),
            drawn(groups.get(1), "") + drawn(groups.get(2), ""),
            table(groups));
  }

  private String drawn(Curves.Group group, String beside) {
    if (group.charts().isEmpty()) {
      return group.title().equals("How the weights move") && run.mode().equals("harness")
          ? "<h3>%s</h3><p class=\"note\">Mode harness trains no weights: only the harness changes.</p>"
              .formatted(group.title())
          : "";
    }
    StringBuilder charts = new StringBuilder();
    for (Chart chart : group.charts()) {
      charts.append(drawn(chart));
    }
    return "<h3>%s</h3><div class=\"charts\">%s%s</div>"
        .formatted(Html.text(group.title()), charts, beside);
  }

  private String drawn(Chart chart) {
    StringBuilder keys = new StringBuilder();
    for (Chart.Series series : chart.series()) {
      keys.append(
          "<span class=\"key\"><i class=\"%s\"></i>%s <b>%s</b></span>"
              .formatted(
                  series.colour(),
                  Html.text(series.label()),
                  chart.kind().figure(series.latest().orElse(0))));
    }
    return """
    <figure class="panel chart"><figcaption><b>%s</b><span class="keys">%s</span></figcaption>%s<p class="why">%s</p></figure>
    """
        .formatted(
            Html.text(chart.title()),
            keys,
            new Plot(chart, run.rounds().stream().map(RunData::number).toList(), marks()).svg(),
            chart.meaning());
  }

  private List<Plot.Mark> marks() {
    List<Plot.Mark> marks = new ArrayList<>();
    for (HarnessHistory.Version version : history.versions()) {
      marks.add(new Plot.Mark(version.round(), "v" + version.number(), true));
    }
    for (int i = 0; i < notes.size(); i++) {
      marks.add(new Plot.Mark(notes.get(i).round(), String.valueOf(i + 1), false));
    }
    return marks;
  }

  private String explained() {
    if (notes.isEmpty()) {
      return "";
    }
    StringBuilder items = new StringBuilder();
    notes.forEach(note -> items.append("<li>").append(note.html()).append("</li>"));
    return "<ol class=\"panel notes\">%s</ol>".formatted(items);
  }

  private String table(List<Curves.Group> groups) {
    List<Chart> charts = groups.stream().flatMap(group -> group.charts().stream()).toList();
    StringBuilder head = new StringBuilder("<th class=\"number\">Round</th>");
    for (Chart chart : charts) {
      for (Chart.Series series : chart.series()) {
        head.append(
            "<th class=\"number\">%s: %s<br>%s</th>"
                .formatted(
                    Html.text(chart.title()), Html.text(series.label()), Html.text(chart.unit())));
      }
    }
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < run.rounds().size(); i++) {
      rows.append("<tr><td class=\"number\">")
          .append(RunData.number(run.rounds().get(i)))
          .append("</td>");
      for (Chart chart : charts) {
        for (Chart.Series series : chart.series()) {
          rows.append("<td class=\"number\">")
              .append(
                  series.values().get(i).isPresent()
                      ? chart.kind().figure(series.values().get(i).getAsDouble())
                      : "\u2013")
              .append("</td>");
        }
      }
      rows.append("</tr>");
    }
    return """
    <details class="panel numbers"><summary>All numbers, round by round</summary><div class="scroll"><table><thead><tr>%s</tr></thead><tbody>%s</tbody></table></div></details>
    """
        .formatted(head, rows);
  }
}
