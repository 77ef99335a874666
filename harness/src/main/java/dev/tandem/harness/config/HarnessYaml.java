package dev.tandem.harness.config;

import dev.tandem.harness.value.CanonicalJson;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.Set;
import java.util.SortedMap;
import java.util.regex.Pattern;

/** Writes configurations as people would: no quotes where none are needed. */
final class HarnessYaml {
  private static final Pattern PLAIN = Pattern.compile("[a-z]([a-z0-9_ ]*[a-z0-9_])?");

  /** Words that some YAML reader takes for something else than text. */
  private static final Set<String> NOT_TEXT =
      Set.of("true", "false", "null", "yes", "no", "on", "off", "y", "n");

  private HarnessYaml() {}

  static String write(HarnessConfig config) {
    StringBuilder out = new StringBuilder();
    if (!config.description().isEmpty()) {
      entry(out, "", "description", config.description());
    }
    if (config.contract() != HarnessConfig.CONTRACT) {
      entry(out, "", "contract", config.contract());
    }
    SortedMap<String, Object> slots = config.slots().values();
    if (!slots.isEmpty()) {
      out.append("slots:\n");
      slots.forEach((name, value) -> entry(out, "  ", name, value));
    }
    if (config.processors().isEmpty()) {
      return out.append("processors: []\n").toString();
    }
    out.append("processors:\n");
    for (ProcessorSpec spec : config.processors()) {
      out.append("  - type: ").append(scalar(spec.type())).append('\n');
      spec.parameters().forEach((name, value) -> entry(out, "    ", name, value));
    }
    return out.toString();
  }

  private static void entry(StringBuilder out, String indent, String name, Object value) {
    out.append(indent).append(scalar(name)).append(':');
    if (value instanceof String text && isBlock(text)) {
      boolean ends = text.endsWith("\n");
      out.append(ends ? " |\n" : " |-\n");
      String body = ends ? text.substring(0, text.length() - 1) : text;
      for (String line : body.split("\n", -1)) {
        out.append(line.isEmpty() ? "" : indent + "  " + line).append('\n');
      }
    } else {
      out.append(' ').append(scalar(value)).append('\n');
    }
  }

  /**
   * Whether text of several lines reads back from a block as it is: nothing invisible, no line that
   * begins the block with a space or is empty there, one newline at most behind it.
   */
  private static boolean isBlock(String text) {
    return text.indexOf('\n') > 0
        && text.charAt(0) != ' '
        && !text.endsWith("\n\n")
        && text.chars().allMatch(c -> c == '\n' || (c >= 0x20 && c < 0x7f))
        && text.lines().noneMatch(line -> line.endsWith(" "));
  }

  private static String scalar(Object value) {
    if (value instanceof String text && PLAIN.matcher(text).matches() && !NOT_TEXT.contains(text)) {
      return text;
    }
    return CanonicalJson.write(value);
  }
}
