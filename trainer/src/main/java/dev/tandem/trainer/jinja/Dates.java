package dev.tandem.trainer.jinja;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Python's {@code strftime} in the C locale. */
final class Dates {
  private static final Pattern DIRECTIVE = Pattern.compile("%(.?)", Pattern.DOTALL);

  private Dates() {}

  static String format(LocalDateTime time, String format) {
    return DIRECTIVE
        .matcher(format)
        .replaceAll(found -> Matcher.quoteReplacement(directive(time, found.group(1))));
  }

  private static String directive(LocalDateTime time, String letter) {
    if (letter.isEmpty()) {
      throw new JinjaException("a date format ends in %");
    }
    return letter.equals("%")
        ? letter
        : DateTimeFormatter.ofPattern(pattern(letter.charAt(0)), Locale.ENGLISH).format(time);
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
