package dev.tandem.trainer.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** Text made safe, and trees of facts made readable. */
final class Html {
  private Html() {}

  /** The text as content or as a quoted attribute. */
  static String text(String raw) {
    StringBuilder safe = new StringBuilder(raw.length() + 16);
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      switch (c) {
        case '&' -> safe.append("&amp;");
        case '<' -> safe.append("&lt;");
        case '>' -> safe.append("&gt;");
        case '"' -> safe.append("&quot;");
        case '\'' -> safe.append("&#39;");
        default -> safe.append(c);
      }
    }
    return safe.toString();
  }

  /** JSON as the content of a script element, which no string in it can end. */
  static String script(String json) {
    return json.replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029");
  }

  /** A fact of any shape: text as it is, a list as a list, an object as its named parts. */
  static String fact(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> list(node);
      case OBJECT -> parts(node);
      case NUMBER -> node.isIntegralNumber() ? node.asText() : Figures.number(node.doubleValue());
      case STRING, BOOLEAN, BINARY, POJO -> text(node.asText());
      case NULL, MISSING -> "";
    };
  }

  private static String list(JsonNode list) {
    StringJoiner items = new StringJoiner("</li><li>", "<ul class=\"list\"><li>", "</li></ul>");
    list.forEach(item -> items.add(fact(item)));
    return list.isEmpty() ? "none" : items.toString();
  }

  private static String parts(JsonNode object) {
    StringBuilder parts = new StringBuilder("<div class=\"facts\">");
    StringBuilder nested = new StringBuilder();
    for (Map.Entry<String, JsonNode> part : object.properties()) {
      JsonNode value = part.getValue();
      if (value.isValueNode()) {
        if (!value.isNull()) {
          parts.append(
              "<span>%s <b>%s</b></span>".formatted(text(words(part.getKey())), fact(value)));
        }
      } else if (!value.isEmpty()) {
        nested.append(
            "<details><summary>%s</summary><pre>%s</pre></details>"
                .formatted(text(words(part.getKey())), text(value.toPrettyString())));
      }
    }
    return parts.append("</div>").append(nested).toString();
  }

  /** {@code failing_tasks} and {@code failingTasks} as {@code failing tasks}. */
  static String words(String key) {
    return key.replaceAll("([a-z0-9])([A-Z])", "$1 $2").replace('_', ' ').toLowerCase(Locale.ROOT);
  }
}
