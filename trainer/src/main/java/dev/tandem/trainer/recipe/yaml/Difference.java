package dev.tandem.trainer.recipe.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A setting that two configurations do not agree on.
 *
 * @param key in full, such as {@code warm_start.episodes} or {@code plugins[0].jar}
 * @param was its value in the first, {@code nothing} where it has none
 * @param is its value in the second
 */
public record Difference(String key, String was, String is) {
  private static final String NOTHING = "nothing";

  /** Longer values are cut: a whole harness does not fit into a sentence. */
  private static final int READABLE = 60;

  /**
   * All differences, those of the first's keys in its order before keys that only the second has.
   */
  static List<Difference> between(JsonNode was, JsonNode is) {
    List<Difference> found = new ArrayList<>();
    compare("", was, is, found);
    return List.copyOf(found);
  }

  private static void compare(String key, JsonNode was, JsonNode is, List<Difference> found) {
    if (was.isObject() && is.isObject()) {
      Set<String> names = new LinkedHashSet<>();
      was.fieldNames().forEachRemaining(names::add);
      is.fieldNames().forEachRemaining(names::add);
      for (String name : names) {
        compare(key.isEmpty() ? name : key + "." + name, was.path(name), is.path(name), found);
      }
    } else if (was.isArray() && is.isArray()) {
      for (int i = 0; i < Math.max(was.size(), is.size()); i++) {
        compare("%s[%d]".formatted(key, i), was.path(i), is.path(i), found);
      }
    } else if (!was.equals(is)) {
      found.add(new Difference(key, text(was), text(is)));
    }
  }

  private static String text(JsonNode value) {
    if (value.isMissingNode() || value.isNull()) {
      return NOTHING;
    }
    String text =
        value.isTextual() && !value.textValue().isEmpty() ? value.asText() : value.toString();
    return text.length() <= READABLE ? text : text.substring(0, READABLE - 3) + "...";
  }
}
