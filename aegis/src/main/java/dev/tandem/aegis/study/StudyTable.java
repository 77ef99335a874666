package dev.tandem.aegis.study;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A study's figures as a table in plain text that is Markdown, too. */
public final class StudyTable {
  private static final String HEADER =
      "| world | scheme | there | round 5 | 10 | last | share at 10 | idle | harmful | missed"
          + " | confined lever | cluster lost | episodes: train | gate |";

  private StudyTable() {}

  /** The lines of the table, and those on intervals and drift. */
  public static List<String> lines(Study.Result result) {
    List<String> lines = new ArrayList<>();
    lines.add(HEADER);
    lines.add("| --- | --- |" + " ---: |".repeat(12));
    result.rows().forEach(row -> lines.add(line(row)));
    lines.add("");
    for (Study.Row row : result.rows()) {
      if (!Double.isNaN(row.coverage())) {
        lines.add(
            text(
                "%s: 90%% intervals hold the truth in %.0f%% of cases overall, %.0f%% in a cluster",
                name(row.profile()), 100 * row.coverage(), 100 * row.clusterCoverage()));
      }
    }
    Study.Drift drift = result.drift();
    lines.add(
        text(
            "A lever that turned bad is out within 3 rounds in %.0f%% of runs; of an equally good"
                + " version something is taken out in %.0f%% of 15-round runs (by CUSUM: %.0f%%).",
            100 * drift.revertedBad(),
            100 * drift.revertedEqual(),
            100 * drift.revertedEqualByCusum()));
    return lines;
  }

  private static String line(Study.Row row) {
    double share = row.share().get(1);
    return text(
        "| %s | %s | %.1f | %.1f | %.1f | %.1f | %s | %.1f | %.1f | %.1f | %.0f%% | %.0f%% | %.0f |"
            + " %.0f |",
        name(row.profile()),
        name(row.way()),
        row.available(),
        row.found().get(0),
        row.found().get(1),
        row.found().get(2),
        Double.isNaN(share) ? "" : text("%.0f%%", 100 * share),
        row.idle(),
        row.harmful(),
        row.missed(),
        100 * row.shippedConfined(),
        100 * row.lostCluster(),
        row.trainEpisodes(),
        row.gateEpisodes());
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  @SuppressWarnings("AnnotateFormatMethod") // all formats stand in this class
  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
