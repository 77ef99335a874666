package dev.tandem.trainer.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Numbers as people read them. */
final class Figures {
  /** More than a double has. */
  private static final int MOST_DIGITS = 17;

  private Figures() {}

  /** A share as a percentage with one decimal. */
  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f%%", 100 * share);
  }

  /** A difference of shares in percentage points, with its sign. */
  static String points(double difference) {
    return String.format(Locale.ROOT, "%+.1f", 100 * difference).replace('-', '\u2212');
  }

  /** An evaluation's 95% interval, or nothing when it has none. */
  static String interval(JsonNode evaluation) {
    return evaluation.path("low").isNumber() && evaluation.path("high").isNumber()
        ? String.format(
            Locale.ROOT,
            "%.1f\u2013%.1f",
            100 * evaluation.path("low").doubleValue(),
            100 * evaluation.path("high").doubleValue())
        : "";
  }

  /**
   * The values at an axis, as short as their distance allows: no two different ones read the same.
   *
   * @param step from one to the next
   */
  static List<String> ticks(List<Double> values, double step) {
    double unit = step >= 1e6 ? 1e6 : step >= 1e3 ? 1e3 : 1;
    String suffix = unit == 1e6 ? "M" : unit == 1e3 ? "k" : "";
    int digits = (int) Math.max(0, 1 - Math.floor(Math.log10(step / unit) + 1e-9));
    boolean tiny = step < 1e-5;
    for (int more = tiny ? 0 : digits; ; more++) {
      int exactness = more;
      List<String> labels =
          values.stream().map(value -> tick(value / unit, exactness, tiny, suffix)).toList();
      if (more > MOST_DIGITS || Set.copyOf(labels).size() == Set.copyOf(values).size()) {
        return labels;
      }
    }
  }

  private static String tick(double value, int digits, boolean tiny, String suffix) {
    BigDecimal exact = BigDecimal.valueOf(value).setScale(MOST_DIGITS, RoundingMode.HALF_EVEN);
    if (exact.signum() == 0) {
      return "0";
    }
    String text =
        tiny
            ? String.format(Locale.ROOT, "%." + digits + "e", value)
                .replaceFirst("(\\.\\d*?)0*e", "$1e")
                .replaceFirst("\\.?e([-+])0*", "e$1")
            : exact.setScale(digits, RoundingMode.HALF_EVEN).stripTrailingZeros().toPlainString();
    return text.replace('-', '\u2212') + suffix;
  }

  static String duration(double seconds) {
    long whole = Math.round(seconds);
    if (whole < 60) {
      return whole + " s";
    }
    return whole < 3600
        ? "%d:%02d min".formatted(whole / 60, whole % 60)
        : "%d:%02d h".formatted(whole / 3600, whole / 60 % 60);
  }

  static String memory(double megabytes) {
    return megabytes < 1024
        ? Math.round(megabytes) + " MB"
        : String.format(Locale.ROOT, "%.1f GB", megabytes / 1024);
  }

  /** Thousands apart. */
  static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** At most four significant digits, without idle zeros. */
  static String number(double value) {
    double size = Math.abs(value);
    if (value == Math.rint(value) && size < 1e15) {
      return count((long) value);
    }
    if (size < 1e-3 || size >= 1e6) {
      return String.format(Locale.ROOT, "%.2e", value);
    }
    return BigDecimal.valueOf(value).round(new MathContext(4)).stripTrailingZeros().toPlainString();
  }
}
