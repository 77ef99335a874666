package dev.tandem.trainer.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** JMH's JSON as a table: one line for each figure, counters below the score they belong to. */
final class BenchmarkTable {
  private static final MathContext DIGITS = new MathContext(4);
  private static final List<String> HEAD =
      List.of("benchmark", "parameters", "score", "error", "unit");

  private BenchmarkTable() {}

  /** The lines, aligned, without a final line break. */
  static String of(JsonNode results) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(HEAD);
    for (JsonNode result : results) {
      JsonNode score = result.get("primaryMetric");
      lines.add(line(name(result), parameters(result), score, score.get("scoreUnit").textValue()));
      for (Map.Entry<String, JsonNode> counter : result.path("secondaryMetrics").properties()) {
        if (isAside(counter)) {
          continue;
        }
        String unit = counter.getValue().get("scoreUnit").textValue();
        lines.add(line("", "", counter.getValue(), unit.replace("ops", words(counter.getKey()))));
      }
    }
    return aligned(lines);
  }

  /** What the collector did in passing, and counters of what the benchmark does not do. */
  private static boolean isAside(Map.Entry<String, JsonNode> counter) {
    boolean collector = counter.getKey().startsWith("gc.") && !counter.getKey().endsWith(".norm");
    return collector || counter.getValue().get("score").asDouble() == 0;
  }

  /** Class and method. */
  static String name(JsonNode result) {
    String name = result.get("benchmark").textValue();
    int method = name.lastIndexOf('.');
    return name.substring(name.lastIndexOf('.', method - 1) + 1);
  }

  static String parameters(JsonNode result) {
    List<String> parameters = new ArrayList<>();
    for (Map.Entry<String, JsonNode> parameter : result.path("params").properties()) {
      parameters.add(parameter.getKey() + "=" + parameter.getValue().asText());
    }
    return String.join(" ", parameters);
  }

  private static List<String> line(String name, String parameters, JsonNode metric, String unit) {
    double error = metric.get("scoreError").asDouble(Double.NaN);
    return List.of(
        name,
        parameters,
        figure(metric.get("score").asDouble()),
        Double.isFinite(error) ? "± " + figure(error) : "",
        unit);
  }

  /** Four digits, and all before the point. */
  static String figure(double value) {
    return Math.abs(value) >= 1000
        ? String.format(Locale.ROOT, "%.0f", value)
        : new BigDecimal(value).round(DIGITS).toPlainString();
  }

  /** {@code environmentSeconds} as {@code environment seconds}. */
  private static String words(String name) {
    return name.replaceAll("(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
  }

  private static String aligned(List<List<String>> lines) {
    int[] widths = new int[HEAD.size()];
    for (List<String> line : lines) {
      for (int column = 0; column < widths.length; column++) {
        widths[column] = Math.max(widths[column], line.get(column).length());
      }
    }
    String format =
        "%%-%ds  %%-%ds  %%%ds  %%%ds  %%s".formatted(widths[0], widths[1], widths[2], widths[3]);
    return String.join(
        "\n",
        lines.stream().map(line -> format.formatted(line.toArray()).stripTrailing()).toList());
  }
}
