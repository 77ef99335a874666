package dev.tandem.trainer.jinja;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Python's {@code strftime} in the C locale. */
final class Dates {
  private Dates() {}

  static String format(LocalDateTime time, String format) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%') {
        text.append(c);
        continue;
      }
      i++;
      if (i == format.length()) {
        throw new JinjaException("the date format \"%s\" ends in %%".formatted(format));
      }
      text.append(
          format.charAt(i) == '%'
              ? "%"
              : DateTimeFormatter.ofPattern(pattern(format.charAt(i)), Locale.ENGLISH)
                  .format(time));
    }
    return text.toString();
  }

  private static String pattern(char directive) {
    return switch (directive) {
      case 'a' -> "EEE";
      case 'A' -> "EEEE";
      case 'b' -> "MMM";
      case 'B' -> "MMMM";
      case 'd' -> "dd";
      case 'm' -> "MM";
      case 'y' -> "yy";
      case 'Y' -> "uuuu";
      case 'H' -> "HH";
      case 'I' -> "hh";
      case 'p' -> "a";
      case 'M' -> "mm";
      case 'S' -> "ss";
      case 'j' -> "DDD";
      case 'F' -> "uuuu-MM-dd";
      case 'T' -> "HH:mm:ss";
      default -> throw JinjaException.unsupported("%" + directive + " in a date format");
    };
  }
}
