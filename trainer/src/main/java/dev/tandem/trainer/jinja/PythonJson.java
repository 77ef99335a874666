package dev.tandem.trainer.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The {@code tojson} filter as transformers defines it: Python's {@code json.dumps} with {@code
 * ensure_ascii=False}, entries in their own order, and no HTML escapes.
 */
final class PythonJson {
  private final String indent;
  private final String itemSeparator;
  private final String keySeparator;
  private final boolean sorted;
  private final boolean ascii;
  private final StringBuilder json = new StringBuilder();

  private PythonJson(Arguments given) {
    indent = indent(given);
    String[] separators = separators(given, indent.isEmpty() ? ", " : ",");
    itemSeparator = separators[0];
    keySeparator = separators[1];
    sorted = given.optional(3, "sort_keys").map(Value::isTrue).orElse(false);
    ascii = given.optional(0, "ensure_ascii").map(Value::isTrue).orElse(false);
  }

  /** Renders a value with the filter's arguments. */
  static Value filter(Value value, Arguments given) {
    given.allow(4, "ensure_ascii", "indent", "separators", "sort_keys");
    PythonJson writer = new PythonJson(given);
    writer.write(value, "\n");
    return new Value.Text(writer.json.toString());
  }

  private static String indent(Arguments given) {
    return given
        .optional(1, "indent")
        .map(
            value ->
                value instanceof Value.Text text
                    ? text.value()
                    : " ".repeat(Math.clamp(Operators.integer(value, "tojson's indent"), 0, 64)))
        .orElse("");
  }

  private static String[] separators(Arguments given, String items) {
    return given
        .optional(2, "separators")
        .map(Operators::items)
        .map(
            pair -> {
              if (pair.size() != 2) {
                throw new JinjaException("tojson's separators must be two strings");
              }
              return new String[] {PythonText.of(pair.getFirst()), PythonText.of(pair.getLast())};
            })
        .orElse(new String[] {items, ": "});
  }

  /**
   * @param lineBreak a line feed and the indentation around the value
   */
  private void write(Value value, String lineBreak) {
    switch (value) {
      case Value.Text text -> quote(text.value());
      case Value.Int number -> json.append(number.value());
      case Value.Real number -> json.append(real(number.value()));
      case Value.Bool bool -> json.append(bool.value());
      case Value.None _ -> json.append("null");
      case Value.Sequence sequence -> {
        List<Runnable> items = new ArrayList<>();
        sequence.items().forEach(item -> items.add(() -> write(item, lineBreak + indent)));
        block('[', ']', items, lineBreak);
      }
      case Value.Mapping mapping -> {
        List<Runnable> items = new ArrayList<>();
        (sorted ? new TreeMap<>(mapping.entries()) : mapping.entries())
            .forEach(
                (key, item) ->
                    items.add(
                        () -> {
                          quote(key);
                          json.append(keySeparator);
                          write(item, lineBreak + indent);
                        }));
        block('{', '}', items, lineBreak);
      }
      case Value.Undefined _, Value.Namespace _, Value.Callable _ ->
          throw new JinjaException(value.typeName() + " cannot be written as JSON");
    }
  }

  private void block(char open, char close, List<Runnable> items, String lineBreak) {
    json.append(open);
    boolean indented = !indent.isEmpty() && !items.isEmpty();
    for (int i = 0; i < items.size(); i++) {
      json.append(i > 0 ? itemSeparator : "").append(indented ? lineBreak + indent : "");
      items.get(i).run();
    }
    json.append(indented ? lineBreak : "").append(close);
  }

  private static String real(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "Infinity" : "-Infinity";
    }
    return PythonText.real(value);
  }

  private void quote(String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        case '\b' -> json.append("\\b");
        case '\f' -> json.append("\\f");
        default -> {
          if (c < ' ' || (ascii && c > '~')) {
            json.append("\\u%04x".formatted((int) c));
          } else {
            json.append(c);
          }
        }
      }
    }
    json.append('"');
  }
}
