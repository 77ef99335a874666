package dev.tandem.benchmarks.kernels.program;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * JSON text of maps, lists, strings, numbers and booleans. The bundle carries no library for the
 * two small files it writes.
 */
final class Json {
  private Json() {}

  static String of(Object value) {
    return switch (value) {
      case Map<?, ?> map ->
          map.entrySet().stream()
              .map(entry -> quoted(String.valueOf(entry.getKey())) + ": " + of(entry.getValue()))
              .collect(Collectors.joining(", ", "{", "}"));
      case List<?> list ->
          list.stream().map(Json::of).collect(Collectors.joining(",\n  ", "[\n  ", "\n]"));
      case Double number ->
          Double.isFinite(number) ? String.format(Locale.ROOT, "%.6g", number) : "null";
      case Integer number -> number.toString();
      case Long number -> number.toString();
      case Boolean truth -> truth.toString();
      case Raw raw -> raw.json();
      default -> quoted(value.toString());
    };
  }

  /** Text that is JSON already. */
  record Raw(String json) {}

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
