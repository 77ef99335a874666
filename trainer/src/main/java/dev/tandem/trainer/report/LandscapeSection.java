package dev.tandem.trainer.report;

import dev.tandem.aegis.plan.Concern;
import dev.tandem.aegis.plan.HitRate;
import dev.tandem.aegis.plan.LandscapeSummary;
import dev.tandem.harness.spi.FailureCategory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What evolution saw last: failures by kind of task, and what stands from earlier rounds. */
final class LandscapeSection {
  private static final int MOST_ROWS = 10;
  private static final int MOST_NAMED = 3;

  private final HarnessHistory history;
  private final EpisodeShelf episodes;

  LandscapeSection(HarnessHistory history, EpisodeShelf episodes) {
    this.history = history;
    this.episodes = episodes;
  }

  String html() {
    Map.Entry<Integer, LandscapeSummary> last = history.landscapes().lastEntry();
    if (last == null) {
      return "";
    }
    LandscapeSummary landscape = last.getValue();
    return """
    <section>
    <h2>What goes wrong</h2>
    <p class="note">In round %d the harness in force solved %d of %d training episodes. A task that fails in several ways is counted in parts.</p>
    %s%s
    </section>
    """
        .formatted(
            last.getKey(),
            landscape.successes(),
            landscape.attempts(),
            landscape.clusters().isEmpty()
                ? "<div class=\"panel empty\">Nothing that a rule could name.</div>"
                : clusters(landscape.clusters()),
            standing(landscape));
  }

  private String clusters(List<LandscapeSummary.Row> rows) {
    return rows.stream()
        .limit(MOST_ROWS)
        .map(
            row ->
                """
                <tr><td data-label="Failure">%s</td><td data-label="In">%s</td><td class="number" data-label="Tasks">%s</td><td class="number" data-label="Of">%d</td><td data-label="Look at">%s</td></tr>
                """
                    .formatted(
                        Html.text(Html.words(row.failure().id())),
                        Html.text(Html.words(row.category())),
                        tasks(row.weight()),
                        row.tasks(),
                        LogicFacts.anchors(List.of(row.seen()), episodes::link)))
        .collect(
            Collectors.joining(
                "",
                "<div class=\"panel\"><table class=\"cardlike\"><thead><tr><th>Failure</th><th>Kind"
                    + " of task</th><th class=\"number\">To blame for, tasks</th><th"
                    + " class=\"number\">Tasks with it</th><th>Look"
                    + " at</th></tr></thead><tbody>",
                "</tbody></table></div>"));
  }

  private static String standing(LandscapeSummary landscape) {
    List<String> rows = new ArrayList<>();
    add(
        rows,
        "Lost",
        landscape.regressions().stream().map(Html::text).collect(Collectors.joining(", ")),
        "safely solved before");
    add(
        rows,
        "Neglected",
        landscape.neglected().stream()
            .map(
                one ->
                    "%s (%s tasks)"
                        .formatted(Html.text(Html.words(one.failure().id())), tasks(one.weight())))
            .collect(Collectors.joining(", ")),
        "nothing in force and no lever in play is meant to cure it");
    add(
        rows,
        "Predictions that came true",
        landscape.hitRates().stream().map(LandscapeSection::rate).collect(Collectors.joining(", ")),
        "");
    add(
        rows,
        "Concerns",
        landscape.concerns().stream()
            .map(LandscapeSection::concern)
            .collect(Collectors.joining("<br>")),
        "");
    return rows.isEmpty()
        ? ""
        : "<div class=\"panel standing\"><dl class=\"map\">%s</dl></div>"
            .formatted(String.join("", rows));
  }

  private static void add(List<String> rows, String question, String answer, String aside) {
    if (!answer.isEmpty()) {
      rows.add(
          "<dt>%s</dt><dd>%s%s</dd>"
              .formatted(
                  question,
                  answer,
                  aside.isEmpty()
                      ? ""
                      : " <span class=\"aside-facts\">(%s)</span>".formatted(aside)));
    }
  }

  private static String rate(HitRate rate) {
    return "%s %d\u00a0of\u00a0%d"
        .formatted(
            rate.of() == HitRate.Of.TYPE
                ? Html.text(Html.words(rate.name()))
                : "<code>%s</code>".formatted(Html.text(rate.name())),
            rate.hits(),
            rate.scored());
  }

  private static String concern(Concern concern) {
    return "round %d, %s, on %s: %s"
        .formatted(
            concern.round(),
            concern.source().name().toLowerCase(Locale.ROOT),
            concern.levers().stream()
                .map(lever -> "<code>%s</code>".formatted(Html.text(Forest.name(lever))))
                .collect(Collectors.joining(", ")),
            Html.text(concern.reason()));
  }

  /** What a bundle found, in a sentence: how many episodes failed, and of what above all. */
  static String failed(LandscapeSummary landscape) {
    return "%d of %d training episodes under it%s"
        .formatted(
            landscape.attempts() - landscape.successes(),
            landscape.attempts(),
            landscape.blame().entrySet().stream()
                .sorted(Map.Entry.<FailureCategory, Double>comparingByValue().reversed())
                .limit(MOST_NAMED)
                .map(
                    one ->
                        "%s (to blame for %s tasks)"
                            .formatted(
                                Html.text(Html.words(one.getKey().id())), tasks(one.getValue())))
                .reduce((one, other) -> one + ", " + other)
                .map(all -> ", above all by " + all)
                .orElse(""));
  }

  private static String tasks(double weight) {
    return String.format(Locale.ROOT, "%.1f", weight);
  }
}
