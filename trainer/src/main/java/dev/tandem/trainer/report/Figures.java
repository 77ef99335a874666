package dev.tandem.trainer.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers as people read them. */
final class Figures {
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

  /** At most three digits and a letter for the size: what fits beside an axis. */
  static String brief(double value) {
    double size = Math.abs(value);
    if (size >= 1e6) {
      return trimmed(value / 1e6) + "M";
    }
    if (size >= 1e4) {
      return trimmed(value / 1e3) + "k";
    }
    return size != 0 && size < 1e-5 ? String.format(Locale.ROOT, "%.0e", value) : trimmed(value);
  }

  private static String trimmed(double value) {
    return BigDecimal.valueOf(value)
        .round(new MathContext(4))
        .setScale(6, RoundingMode.HALF_EVEN)
        .stripTrailingZeros()
        .toPlainString()
        .replace('-', '\u2212');
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
