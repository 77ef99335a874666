package dev.tandem.trainer.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * JMH's JSON as a Markdown table for a README. A benchmark that counts the bytes it must move and
 * its floating-point operations is compared with what the same machine did at most in the same run:
 * the bandwidth of a copy, and the rate of independent multiplications and additions. The larger of
 * the two shares says what bounds it.
 */
final class RooflineTable {
  private static final String COPY = "MachineBenchmark.copy";
  private static final String PEAK = "MachineBenchmark.multiplyAdd";
  private static final String HEAD =
      "| benchmark | parameters | a call takes | GB/s | of the roof | heap bytes a call |\n"
          + "| --- | --- | --- | --- | --- | --- |";

  private RooflineTable() {}

  /** The table, without a final line break. */
  static String of(JsonNode results) {
    double copy = roof(results, COPY, "bytes");
    double peak = roof(results, PEAK, "flops");
    List<String> lines = new ArrayList<>();
    lines.add(HEAD);
    for (JsonNode result : results) {
      lines.add(
          "| %s | %s | %s | %s | %s | %s |"
              .formatted(
                  BenchmarkTable.name(result),
                  BenchmarkTable.parameters(result),
                  duration(result),
                  bandwidth(result),
                  share(result, copy, peak),
                  allocation(result)));
    }
    return String.join("\n", lines);
  }

  /** The rate of a machine benchmark; NaN when it was not run. */
  private static double roof(JsonNode results, String name, String counter) {
    for (JsonNode result : results) {
      if (BenchmarkTable.name(result).equals(name)) {
        return rate(result, counter);
      }
    }
    return Double.NaN;
  }

  /** A counter per second; 0 without it. */
  private static double rate(JsonNode result, String counter) {
    return result.path("secondaryMetrics").path(counter).path("score").asDouble(0);
  }

  /** The time of a call, from a rate or from a time. */
  private static String duration(JsonNode result) {
    JsonNode metric = result.get("primaryMetric");
    double score = metric.get("score").asDouble();
    String unit = metric.get("scoreUnit").textValue();
    if (!unit.equals("ops/s")) {
      return BenchmarkTable.figure(score) + " " + unit.replace("/op", "");
    }
    double seconds = 1 / score;
    if (seconds >= 1) {
      return String.format(Locale.ROOT, "%.3g s", seconds);
    }
    return seconds >= 1e-3
        ? String.format(Locale.ROOT, "%.3g ms", seconds * 1e3)
        : String.format(Locale.ROOT, "%.3g µs", seconds * 1e6);
  }

  private static String bandwidth(JsonNode result) {
    double bytes = rate(result, "bytes");
    return bytes == 0 ? "" : String.format(Locale.ROOT, "%.1f", bytes / 1e9);
  }

  private static String share(JsonNode result, double copy, double peak) {
    double ofCopy = rate(result, "bytes") / copy;
    double ofPeak = rate(result, "flops") / peak;
    if (ofCopy > 0 && !(ofPeak > ofCopy)) {
      return String.format(Locale.ROOT, "%.0f%% of copy", 100 * ofCopy);
    }
    return ofPeak > 0 ? String.format(Locale.ROOT, "%.0f%% of peak", 100 * ofPeak) : "";
  }

  private static String allocation(JsonNode result) {
    JsonNode bytes = result.path("secondaryMetrics").path("gc.alloc.rate.norm").path("score");
    return bytes.isMissingNode() ? "" : String.format(Locale.ROOT, "%.0f", bytes.asDouble());
  }
}
