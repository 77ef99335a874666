package dev.tandem.harness.value;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes values in the one form that is hashed: no white space, sorted keys, ASCII only, so that
 * the text is its own byte sequence in every encoding and reads back from JSON and YAML alike.
 */
public final class CanonicalJson {
  private CanonicalJson() {}

  /** A Boolean, Integer, Double, String, List or Map with text keys. */
  public static String write(Object value) {
    StringBuilder out = new StringBuilder();
    append(out, value);
    return out.toString();
  }

  /** A processor as one flat object: its type beside its parameters. */
  public static SortedMap<String, Object> flat(ProcessorSpec spec) {
    SortedMap<String, Object> object = new TreeMap<>(spec.parameters());
    object.put("type", spec.type());
    return object;
  }

  /** A string literal that both JSON and YAML read. */
  public static String quote(String text) {
    StringBuilder out = new StringBuilder();
    appendQuoted(out, text);
    return out.toString();
  }

  private static void append(StringBuilder out, Object value) {
    switch (value) {
      case String text -> appendQuoted(out, text);
      case List<?> list -> {
        out.append('[');
        String separator = "";
        for (Object element : list) {
          out.append(separator);
          append(out, element);
          separator = ",";
        }
        out.append(']');
      }
      case Map<?, ?> map -> {
        out.append('{');
        String separator = "";
        for (Map.Entry<?, ?> entry : new TreeMap<Object, Object>(map).entrySet()) {
          out.append(separator);
          appendQuoted(out, entry.getKey().toString());
          out.append(':');
          append(out, entry.getValue());
          separator = ",";
        }
        out.append('}');
      }
      case Boolean flag -> out.append(flag.booleanValue());
      case Integer count -> out.append(count.intValue());
      // Without an exponent, which YAML and JSON write differently.
      case Double number -> out.append(new BigDecimal(Double.toString(number)).toPlainString());
      default ->
          throw new IllegalArgumentException(
              "a harness value must be a Boolean, Integer, Double, String or list of Strings, was "
                  + value.getClass().getSimpleName());
    }
  }

  private static void appendQuoted(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c == '\n') {
        out.append("\\n");
      } else if (c >= 0x20 && c < 0x7f) {
        out.append(c);
      } else {
        out.append("\\u%04x".formatted((int) c));
      }
    }
    out.append('"');
  }
}
