package dev.tandem.trainer.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/** Python's string methods. */
final class PythonStrings {
  /** Every method that Python has, so that a missing one is refused and not taken for undefined. */
  static final Set<String> METHODS =
      Set.of(
          "capitalize",
          "casefold",
          "center",
          "count",
          "encode",
          "endswith",
          "expandtabs",
          "find",
          "format",
          "format_map",
          "index",
          "isalnum",
          "isalpha",
          "isascii",
          "isdecimal",
          "isdigit",
          "isidentifier",
          "islower",
          "isnumeric",
          "isprintable",
          "isspace",
          "istitle",
          "isupper",
          "join",
          "ljust",
          "lower",
          "lstrip",
          "maketrans",
          "partition",
          "removeprefix",
          "removesuffix",
          "replace",
          "rfind",
          "rindex",
          "rjust",
          "rpartition",
          "rsplit",
          "rstrip",
          "split",
          "splitlines",
          "startswith",
          "strip",
          "swapcase",
          "title",
          "translate",
          "upper",
          "zfill");

  private PythonStrings() {}

  static Value call(String text, Arguments given, String method) {
    given.allow(3);
    return switch (method) {
      case "strip" -> new Value.Text(strip(text, given, true, true));
      case "lstrip" -> new Value.Text(strip(text, given, true, false));
      case "rstrip" -> new Value.Text(strip(text, given, false, true));
      case "upper" -> new Value.Text(text.toUpperCase(Locale.ROOT));
      case "lower" -> new Value.Text(text.toLowerCase(Locale.ROOT));
      case "title" -> new Value.Text(title(text));
      case "capitalize" -> new Value.Text(capitalize(text));
      case "startswith" -> Value.of(affixes(given).stream().anyMatch(text::startsWith));
      case "endswith" -> Value.of(affixes(given).stream().anyMatch(text::endsWith));
      case "removeprefix" -> {
        String prefix = given.text(0, "prefix");
        yield new Value.Text(text.startsWith(prefix) ? text.substring(prefix.length()) : text);
      }
      case "removesuffix" -> {
        String suffix = given.text(0, "suffix");
        yield new Value.Text(
            text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text);
      }
      case "replace" ->
          new Value.Text(
              replace(text, given.text(0, "old"), given.text(1, "new"), given.integer(2, "n", -1)));
      case "split" -> list(split(text, given, false));
      case "rsplit" -> list(split(text, given, true));
      case "splitlines" -> list(text.lines().toList());
      case "join" ->
          new Value.Text(
              Operators.items(given.required(0, "items")).stream()
                  .map(PythonText::of)
                  .collect(Collectors.joining(text)));
      case "find" -> place(text, text.indexOf(given.text(0, "part")));
      case "rfind" -> place(text, text.lastIndexOf(given.text(0, "part")));
      case "count" -> new Value.Int(parts(text, given.text(0, "part"), -1, false).size() - 1L);
      case "isdigit" -> Value.of(all(text, Character::isDigit));
      case "isalpha" -> Value.of(all(text, Character::isLetter));
      case "isspace" -> Value.of(all(text, PythonStrings::isSpace));
      default -> throw JinjaException.unsupported(given.callee());
    };
  }

  private static boolean all(String text, IntPredicate holds) {
    return !text.isEmpty() && text.codePoints().allMatch(holds);
  }

  private static Value list(List<String> texts) {
    return Value.Sequence.list(texts.stream().map(Value.Text::new).toList());
  }

  /** An index in chars as one in characters. */
  private static Value place(String text, int index) {
    return new Value.Int(index < 0 ? -1 : text.codePointCount(0, index));
  }

  private static List<String> affixes(Arguments given) {
    given.allow(1);
    return given.required(0, "affix") instanceof Value.Sequence several
        ? several.items().stream().map(PythonText::of).toList()
        : List.of(given.text(0, "affix"));
  }

  private static String strip(String text, Arguments given, boolean left, boolean right) {
    given.allow(1);
    String characters = given.text(0, "characters", "");
    IntPredicate stripped =
        characters.isEmpty() && given.optional(0, "characters").isEmpty()
            ? PythonStrings::isSpace
            : point -> characters.indexOf(point) >= 0;
    return strip(text, stripped, left, right);
  }

  /** Takes away characters at the ends. */
  static String strip(String text, IntPredicate stripped, boolean left, boolean right) {
    int begin = 0;
    int end = text.length();
    while (left && begin < end && stripped.test(text.codePointAt(begin))) {
      begin += Character.charCount(text.codePointAt(begin));
    }
    while (right && begin < end && stripped.test(text.codePointBefore(end))) {
      end -= Character.charCount(text.codePointBefore(end));
    }
    return text.substring(begin, end);
  }

  static String stripLeft(String text) {
    return strip(text, PythonStrings::isSpace, true, false);
  }

  static String stripRight(String text) {
    return strip(text, PythonStrings::isSpace, false, true);
  }

  /** White space after Python's {@code str.isspace}. */
  static boolean isSpace(int point) {
    return (point >= 0x9 && point <= 0xD)
        || (point >= 0x1C && point <= 0x20)
        || point == 0x85
        || (point >= 0xA0 && Character.getType(point) == Character.SPACE_SEPARATOR)
        || point == 0x2028
        || point == 0x2029;
  }

  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = Character.charCount(text.codePointAt(0));
    return text.substring(0, first).toUpperCase(Locale.ROOT)
        + text.substring(first).toLowerCase(Locale.ROOT);
  }

  private static String title(String text) {
    StringBuilder title = new StringBuilder();
    boolean inWord = false;
    for (int point : text.codePoints().toArray()) {
      title.appendCodePoint(inWord ? Character.toLowerCase(point) : Character.toTitleCase(point));
      inWord = Character.isLetter(point);
    }
    return title.toString();
  }

  /**
   * @param count most replacements; negative for all
   */
  static String replace(String text, String old, String fresh, long count) {
    if (count < 0) {
      return text.replace(old, fresh);
    }
    return String.join(fresh, parts(text, old, count, false));
  }

  private static List<String> split(String text, Arguments given, boolean fromRight) {
    given.allow(2, "sep", "maxsplit");
    long most = given.integer(1, "maxsplit", -1);
    if (given.optional(0, "sep").isPresent()) {
      return parts(text, given.text(0, "sep"), most, fromRight);
    }
    if (most >= 0) {
      throw JinjaException.unsupported("splitting at white space a given number of times");
    }
    String words = strip(text, PythonStrings::isSpace, true, true);
    List<String> found = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    for (int point : (words + " ").codePoints().toArray()) {
      if (!isSpace(point)) {
        word.appendCodePoint(point);
      } else if (!word.isEmpty()) {
        found.add(word.toString());
        word.setLength(0);
      }
    }
    return found;
  }

  private static List<String> parts(String text, String separator, long most, boolean fromRight) {
    if (separator.isEmpty()) {
      throw new JinjaException("the separator is empty");
    }
    List<String> parts = new ArrayList<>();
    String rest = text;
    while (most < 0 || parts.size() < most) {
      int at = fromRight ? rest.lastIndexOf(separator) : rest.indexOf(separator);
      if (at < 0) {
        break;
      }
      String before = rest.substring(0, at);
      String after = rest.substring(at + separator.length());
      parts.add(fromRight ? after : before);
      rest = fromRight ? before : after;
    }
    parts.add(rest);
    return fromRight ? parts.reversed() : parts;
  }

  /** Order by characters, as Python has it; Java's is by chars. */
  static int compare(String left, String right) {
    return Arrays.compare(left.codePoints().toArray(), right.codePoints().toArray());
  }

  /** The text of a string literal between its quotes. */
  static String unescape(String literal) {
    StringBuilder text = new StringBuilder();
    int at = 0;
    while (at < literal.length()) {
      char c = literal.charAt(at++);
      if (c != '\\' || at == literal.length()) {
        text.append(c);
        continue;
      }
      char escape = literal.charAt(at++);
      switch (escape) {
        case '\n' -> {}
        case 'n' -> text.append('\n');
        case 't' -> text.append('\t');
        case 'r' -> text.append('\r');
        case 'b' -> text.append('\b');
        case 'f' -> text.append('\f');
        case 'a' -> text.append('\u0007');
        case 'v' -> text.append('\u000b');
        case '\\', '\'', '"' -> text.append(escape);
        case 'x', 'u', 'U' -> {
          int digits = escape == 'x' ? 2 : escape == 'u' ? 4 : 8;
          text.appendCodePoint(codePoint(literal, at, digits));
          at += digits;
        }
        case '0', '1', '2', '3', '4', '5', '6', '7', 'N' ->
            throw JinjaException.unsupported("the escape \\" + escape + " in a string");
        default -> text.append('\\').append(escape);
      }
    }
    return text.toString();
  }

  private static int codePoint(String literal, int at, int digits) {
    try {
      int point = Integer.parseInt(literal, at, at + digits, 16);
      if (Character.isValidCodePoint(point)) {
        return point;
      }
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      throw new JinjaException("the escape \\" + literal.substring(at - 1) + " has too few digits");
    }
    throw new JinjaException("the escape \\" + literal.substring(at - 1) + " is no character");
  }
}
