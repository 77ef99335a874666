package dev.tandem.trainer.report;

import dev.tandem.trainer.compare.Comparison;
import dev.tandem.trainer.compare.Contrast;
import dev.tandem.trainer.compare.Interval;
import dev.tandem.trainer.compare.Outcome;
import dev.tandem.trainer.io.AtomicFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A comparison as a page: what each condition came to, and what separates them. */
public final class ComparisonPage {
  private static final String FILE = "comparison.html";

  private final Comparison comparison;

  private ComparisonPage(Comparison comparison) {
    this.comparison = comparison;
  }

  /**
   * Writes {@code comparison.html} into the comparison's folder, over an older one.
   *
   * @return the file
   */
  public static Path write(Path folder, Comparison comparison) throws IOException {
    Path file = folder.resolve(FILE);
    String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
    AtomicFiles.write(
        file, Page.of(name + " \u00b7 Tandem", new ComparisonPage(comparison).body(name)));
    return file;
  }

  private String body(String name) {
    return """
    <header><div class="title"><h1>%s</h1>%s</div><p class="lead">%s</p></header>
    %s%s<footer>Made by Tandem from the outcomes in the comparison's folder; opens offline and needs no script.</footer>
    """
        .formatted(
            Html.text(name),
            comparison.missing().isEmpty()
                ? "<span class=\"badge good\">complete</span>"
                : "<span class=\"badge\">%d runs are not there yet</span>"
                    .formatted(comparison.missing().size()),
            lead(),
            conditions(),
            contrasts());
  }

  /** The reference, and what separates it from the strongest of the others. */
  private String lead() {
    return comparison.contrasts().stream()
        .max(Comparator.comparingDouble(one -> mean(one.against())))
        .map(
            strongest ->
                "<strong>%s</strong> solves <strong>%s</strong> of the sealed tasks, %s with its worst seed; the strongest of the others, <strong>%s</strong>, %s: <strong>%s points</strong>%s."
                    .formatted(
                        Html.text(strongest.condition()),
                        Figures.percent(mean(strongest.condition())),
                        Figures.percent(own(strongest.condition()).worst()),
                        Html.text(strongest.against()),
                        Figures.percent(mean(strongest.against())),
                        Figures.points(strongest.difference()),
                        strongest.overSeeds() == null
                            ? ""
                            : ", 95% for a new seed " + interval(strongest.overSeeds())))
        .orElse("");
  }

  private double mean(String condition) {
    return own(condition).mean();
  }

  private Comparison.Spread own(String condition) {
    return comparison.rows().stream()
        .filter(row -> row.condition().equals(condition))
        .findFirst()
        .map(row -> row.sealed().get(Outcome.OWN))
        .orElseThrow();
  }

  private String conditions() {
    String others =
        comparison.harnesses().stream()
            .skip(1)
            .map(name -> "<th class=\"number\">under %s</th>".formatted(Html.text(name)))
            .collect(Collectors.joining());
    return """
    <section><h2>Sealed success by condition</h2>
    <p class="note">A dot is a seed; the line is their mean. \u201cunder\u201d: the same weights under another harness than their run ended with. Episodes are those of training and of the gate.</p>
    <div class="panel scroll"><table class="forest"><thead><tr><th>Condition</th><th class="track">0 to 100%%</th><th class="number">Mean</th><th class="number">Worst (seed)</th>%s<th class="number">Episodes</th><th class="number">Time</th></tr></thead><tbody>
    %s</tbody></table></div></section>
    """
        .formatted(others, comparison.rows().stream().map(this::row).collect(Collectors.joining()));
  }

  private String row(Comparison.Row row) {
    Comparison.@Nullable Spread own = row.sealed().get(Outcome.OWN);
    if (own == null) {
      return "";
    }
    String others =
        comparison.harnesses().stream()
            .skip(1)
            .map(
                name -> {
                  Comparison.@Nullable Spread under = row.sealed().get(name);
                  return cell(
                      "under " + name, under == null ? "\u2013" : Figures.percent(under.mean()));
                })
            .collect(Collectors.joining());
    return """
    <tr><td class="lever">%s</td><td class="track">%s</td>%s%s%s%s%s</tr>
    """
        .formatted(
            Html.text(row.condition()),
            dots(row.seeds(), own),
            cell("mean", Figures.percent(own.mean())),
            cell("worst", "%s (%d)".formatted(Figures.percent(own.worst()), own.worstSeed())),
            others,
            cell("episodes", Figures.count(Math.round(row.episodes()))),
            cell("", Figures.duration(row.seconds())));
  }

  private static String dots(List<Long> seeds, Comparison.Spread spread) {
    String dots =
        IntStream.range(0, seeds.size())
            .mapToObj(
                i ->
                    "<circle class=\"point c1\" cx=\"%s\" cy=\"8\" r=\"3.5\"><title>seed %d: %s</title></circle>"
                        .formatted(
                            at(spread.values().get(i), 0, 1),
                            seeds.get(i),
                            Figures.percent(spread.values().get(i))))
            .collect(Collectors.joining());
    return """
    <svg class="plot forest" width="100%%" height="16" role="img"><line class="zero" x1="%s" y1="1" x2="%s" y2="15"/>%s</svg>
    """
        .formatted(at(spread.mean(), 0, 1), at(spread.mean(), 0, 1), dots)
        .strip();
  }

  private String contrasts() {
    if (comparison.contrasts().isEmpty()) {
      return "";
    }
    double reach =
        comparison.contrasts().stream()
            .flatMap(one -> one.pairs().stream())
            .mapToDouble(pair -> Math.abs(pair.difference()))
            .max()
            .orElse(0);
    double end = Math.max(0.05, 1.2 * reach);
    return """
    <section><h2>%s against each other condition</h2>
    <p class="note">Points of sealed success, on the same tasks, with the same seeds; to the right %s is better. A dot is a seed, the bar the 95%% interval of the mean difference for a new seed (Student). \u201cNew tasks\u201d is the interval of these very runs on other tasks: it knows nothing of other seeds. p: exact sign test on the tasks that only one of the two solves.</p>
    <div class="panel scroll"><table class="forest"><thead><tr><th>Against</th><th class="track">%s to %s</th><th class="number">Points</th><th class="number">New seed</th><th class="number">New tasks</th><th class="number">Won : lost by seed</th><th class="number">p by seed</th></tr></thead><tbody>
    %s</tbody></table></div></section>
    """
        .formatted(
            Html.text(comparison.contrasts().getFirst().condition()),
            Html.text(comparison.contrasts().getFirst().condition()),
            Figures.points(-end),
            Figures.points(end),
            comparison.contrasts().stream()
                .map(one -> contrast(one, end))
                .collect(Collectors.joining()));
  }

  private static String contrast(Contrast one, double end) {
    String dots =
        one.pairs().stream()
            .map(
                pair ->
                    "<circle class=\"point c1\" cx=\"%s\" cy=\"8\" r=\"3.5\"><title>seed %d: %s</title></circle>"
                        .formatted(
                            at(pair.difference(), -end, end),
                            pair.seed(),
                            Figures.points(pair.difference())))
            .collect(Collectors.joining());
    Interval bar = one.overSeeds() == null ? one.overTasks() : one.overSeeds();
    return """
    <tr><td class="lever">%s</td><td class="track"><svg class="plot forest" width="100%%" height="16" role="img"><line class="zero" x1="50%%" y1="0" x2="50%%" y2="16"/><line class="error c1" x1="%s" y1="8" x2="%s" y2="8"/>%s</svg></td>%s%s%s%s%s</tr>
    """
        .formatted(
            Html.text(one.against()),
            at(bar.low(), -end, end),
            at(bar.high(), -end, end),
            dots,
            cell("points", Figures.points(one.difference())),
            cell("new seed", one.overSeeds() == null ? "\u2013" : interval(one.overSeeds())),
            cell("new tasks", interval(one.overTasks())),
            cell(
                "won : lost",
                one.pairs().stream()
                    .map(pair -> pair.won() + " : " + pair.lost())
                    .collect(Collectors.joining("<br>"))),
            cell(
                "p",
                one.pairs().stream()
                    .map(pair -> pair.p() < 1e-4 ? "&lt; 0.0001" : Figures.number(pair.p()))
                    .collect(Collectors.joining("<br>"))));
  }

  /** What a narrow screen shows instead of the table's head is the label. */
  private static String cell(String label, String html) {
    return "<td class=\"number\" data-label=\"%s\">%s</td>".formatted(Html.text(label), html);
  }

  private static String interval(Interval interval) {
    return "[%s, %s]".formatted(Figures.points(interval.low()), Figures.points(interval.high()));
  }

  private static String at(double value, double low, double high) {
    return String.format(
        Locale.ROOT, "%.2f%%", 100 * Math.clamp((value - low) / (high - low), 0, 1));
  }
}
