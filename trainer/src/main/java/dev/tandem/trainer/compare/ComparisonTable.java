package dev.tandem.trainer.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A comparison in plain text, in two tables. */
public final class ComparisonTable {
  private ComparisonTable() {}

  /** The rows, then what separates the reference from each other condition. */
  public static List<String> lines(Comparison comparison) {
    List<List<String>> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("condition", "sealed", "worst seed"));
    comparison.harnesses().stream().skip(1).forEach(name -> head.add("under " + name));
    head.addAll(List.of("episodes", "time"));
    rows.add(head);
    comparison.rows().forEach(row -> rows.add(cells(row, comparison.harnesses())));
    List<String> lines = new ArrayList<>(aligned(rows));
    if (!comparison.contrasts().isEmpty()) {
      lines.add("");
      lines.addAll(aligned(contrasts(comparison.contrasts())));
    }
    if (!comparison.missing().isEmpty()) {
      lines.add("");
      lines.add("not there yet: " + String.join(", ", comparison.missing()));
    }
    return lines;
  }

  private static List<String> cells(Comparison.Row row, List<String> harnesses) {
    List<String> cells = new ArrayList<>();
    cells.add(row.condition());
    for (String harness : harnesses) {
      Comparison.@Nullable Spread spread = row.sealed().get(harness);
      cells.add(spread == null ? "-" : percent(spread.mean()));
      if (harness.equals(Outcome.OWN) && spread != null) {
        cells.add("%s (%d)".formatted(percent(spread.worst()), spread.worstSeed()));
      }
    }
    cells.add(String.format(Locale.ROOT, "%,.0f", row.episodes()));
    cells.add(String.format(Locale.ROOT, "%,.0f s", row.seconds()));
    return cells;
  }

  private static List<List<String>> contrasts(List<Contrast> contrasts) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            contrasts.getFirst().condition() + " against",
            "points",
            "by seed",
            "95% for a new seed",
            "95% for new tasks",
            "p by seed"));
    for (Contrast contrast : contrasts) {
      rows.add(
          List.of(
              contrast.against(),
              points(contrast.difference()),
              contrast.pairs().stream()
                  .map(pair -> points(pair.difference()))
                  .collect(Collectors.joining(" ")),
              interval(contrast.overSeeds()),
              interval(contrast.overTasks()),
              contrast.pairs().stream()
                  .map(pair -> probability(pair.p()))
                  .collect(Collectors.joining(" "))));
    }
    return rows;
  }

  /** Columns as wide as they need, two blanks apart, numbers to the right. */
  private static List<String> aligned(List<List<String>> rows) {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int column = 0; column < columns; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < columns; column++) {
        String blanks = " ".repeat(widths[column] - row.get(column).length());
        line.append(column == 0 ? row.get(0) + blanks : "  " + blanks + row.get(column));
      }
      lines.add(line.toString());
    }
    return lines;
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f%%", 100 * share);
  }

  static String points(double difference) {
    return String.format(Locale.ROOT, "%+.1f", 100 * difference);
  }

  static String interval(@Nullable Interval interval) {
    return interval == null
        ? "-"
        : "[%s, %s]".formatted(points(interval.low()), points(interval.high()));
  }

  static String probability(double p) {
    return p < 1e-4 ? "<0.0001" : String.format(Locale.ROOT, "%.4f", p);
  }
}
