package dev.tandem.trainer.cli;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes as people write it: 5GB, 500MB, 2GiB, 4096. */
final class ByteSize {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,9})\\s*([KMG]?I?B)?");
  private static final Map<String, Long> UNITS =
      Map.of(
          "B", 1L,
          "KB", 1_000L,
          "MB", 1_000_000L,
          "GB", 1_000_000_000L,
          "KIB", 1L << 10,
          "MIB", 1L << 20,
          "GIB", 1L << 30);

  private ByteSize() {}

  /**
   * Reads a size.
   *
   * @param option only named in errors
   */
  static long parse(String option, String text) {
    Matcher size = SIZE.matcher(text.strip().toUpperCase(Locale.ROOT));
    Long unit = null;
    if (size.matches()) {
      unit = UNITS.get(size.group(2) == null ? "B" : size.group(2));
    }
    if (unit == null || Long.parseLong(size.group(1)) == 0) {
      throw UserException.usage(
          "%s %s is no size; write a number of bytes such as 5GB or 500MiB"
              .formatted(option, text));
    }
    return Long.parseLong(size.group(1)) * unit;
  }
}
