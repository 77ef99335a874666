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

  /** A value at an axis, as short as its distance to the next one allows. */
  static String tick(double value, double step) {
    if (step >= 1e6) {
      return tick(value / 1e6, step / 1e6) + "M";
    }
    if (step >= 1e3) {
      return tick(value / 1e3, step / 1e3) + "k";
    }
    if (step < 1e-5) {
      return String.format(Locale.ROOT, "%.1e", value);
    }
    int decimals = (int) Math.max(0, 1 - Math.floor(Math.log10(step) + 1e-9));
    BigDecimal exact = BigDecimal.valueOf(value).setScale(decimals, RoundingMode.HALF_EVEN);
    return exact.signum() == 0
        ? "0"
        : exact.stripTrailingZeros().toPlainString().replace('-', '\u2212');
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
