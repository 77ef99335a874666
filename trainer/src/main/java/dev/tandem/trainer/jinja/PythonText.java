package dev.tandem.trainer.jinja;

import java.math.BigDecimal;
import java.util.Map;
import java.util.stream.Collectors;

/** Values as text: Python's {@code str} and {@code repr}. */
final class PythonText {
  /** Python prints decimals in full from 10^-4 up to 10^16. */
  private static final int SMALLEST_PLAIN_EXPONENT = -4;

  private static final int LARGEST_PLAIN_EXPONENT = 16;

  private PythonText() {}

  /** What an output tag prints. */
  static String of(Value value) {
    return value instanceof Value.Text text ? text.value() : repr(value);
  }

  private static String repr(Value value) {
    return switch (value) {
      case Value.Text text -> quoted(text.value());
      case Value.Int number -> Long.toString(number.value());
      case Value.Real number -> real(number.value());
      case Value.Bool bool -> bool.value() ? "True" : "False";
      case Value.None _ -> "None";
      case Value.Undefined _ -> "";
      case Value.Sequence sequence -> {
        String items =
            sequence.items().stream().map(PythonText::repr).collect(Collectors.joining(", "));
        if (!sequence.tuple()) {
          yield "[" + items + "]";
        }
        yield "(" + items + (sequence.items().size() == 1 ? ",)" : ")");
      }
      case Value.Mapping mapping ->
          mapping.entries().entrySet().stream()
              .map(PythonText::entry)
              .collect(Collectors.joining(", ", "{", "}"));
      case Value.Namespace _, Value.Callable _ ->
          throw new JinjaException(value.typeName() + " cannot be printed");
    };
  }

  private static String entry(Map.Entry<String, Value> entry) {
    return quoted(entry.getKey()) + ": " + repr(entry.getValue());
  }

  /** A float as Python prints it: the shortest digits that read back as the same number. */
  static String real(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value > 0 ? "0.0" : "-0.0";
    }
    BigDecimal digits = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    int exponent = digits.precision() - digits.scale() - 1;
    if (exponent >= SMALLEST_PLAIN_EXPONENT && exponent < LARGEST_PLAIN_EXPONENT) {
      String plain = digits.toPlainString();
      return plain.contains(".") ? plain : plain + ".0";
    }
    String unscaled = digits.unscaledValue().abs().toString();
    return (value < 0 ? "-" : "")
        + unscaled.charAt(0)
        + (unscaled.length() > 1 ? "." + unscaled.substring(1) : "")
        + "e%s%02d".formatted(exponent < 0 ? "-" : "+", Math.abs(exponent));
  }

  private static String quoted(String text) {
    char quote = text.contains("'") && !text.contains("\"") ? '"' : '\'';
    StringBuilder quoted = new StringBuilder().append(quote);
    text.codePoints()
        .forEach(
            point -> {
              switch (point) {
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                case '\\' -> quoted.append("\\\\");
                default -> {
                  if (point == quote) {
                    quoted.append('\\').appendCodePoint(point);
                  } else if (isPrintable(point)) {
                    quoted.appendCodePoint(point);
                  } else {
                    quoted.append(escaped(point));
                  }
                }
              }
            });
    return quoted.append(quote).toString();
  }

  private static boolean isPrintable(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> point == ' ';
      default -> true;
    };
  }

  private static String escaped(int point) {
    if (point <= 0xff) {
      return "\\x%02x".formatted(point);
    }
    return (point <= 0xffff ? "\\u%04x" : "\\U%08x").formatted(point);
  }
}
