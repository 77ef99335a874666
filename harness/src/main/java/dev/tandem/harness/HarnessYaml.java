package dev.tandem.harness;

import java.util.Set;
import java.util.regex.Pattern;

/** Writes configurations as people would: no quotes where none are needed. */
final class HarnessYaml {
  private static final Pattern PLAIN = Pattern.compile("[a-z]([a-z0-9_ ]*[a-z0-9_])?");

  /** Words that some YAML reader takes for something else than text. */
  private static final Set<String> NOT_TEXT =
      Set.of("true", "false", "null", "yes", "no", "on", "off", "y", "n");

  private HarnessYaml() {}

  static String write(HarnessConfig config) {
    if (config.processors().isEmpty()) {
      return "processors: []\n";
    }
    StringBuilder out = new StringBuilder("processors:\n");
    for (ProcessorSpec spec : config.processors()) {
      out.append("  - type: ").append(scalar(spec.type())).append('\n');
      spec.parameters()
          .forEach(
              (name, value) ->
                  out.append("    ")
                      .append(scalar(name))
                      .append(": ")
                      .append(scalar(value))
                      .append('\n'));
    }
    return out.toString();
  }

  private static String scalar(Object value) {
    if (value instanceof String text && PLAIN.matcher(text).matches() && !NOT_TEXT.contains(text)) {
      return text;
    }
    return CanonicalJson.write(value);
  }
}
