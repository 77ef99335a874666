package dev.tandem.trainer.recipe.yaml;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** How records and enums are spelled in a recipe. */
final class Schema {
  private Schema() {}

  /** The components of a record by their key, in order. */
  static Map<String, RecordComponent> components(Class<?> recordType) {
    Map<String, RecordComponent> components = new LinkedHashMap<>();
    for (RecordComponent component : recordType.getRecordComponents()) {
      components.put(key(component), component);
    }
    return components;
  }

  /** A component's key: its name in snake case. */
  static String key(RecordComponent component) {
    return PropertyNamingStrategies.SnakeCaseStrategy.INSTANCE.translate(component.getName());
  }

  /** A constant's word: its name in lower case. */
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** The constants of an enum by their word, in order. */
  static Map<String, Enum<?>> words(Class<?> enumType) {
    Map<String, Enum<?>> words = new LinkedHashMap<>();
    for (Object constant : enumType.getEnumConstants()) {
      words.put(word((Enum<?>) constant), (Enum<?>) constant);
    }
    return words;
  }

  static String child(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /** The complaint about a key that a record does not have. */
  static String unknownKey(String path, String key, Class<?> recordType) {
    Map<String, RecordComponent> known = components(recordType);
    String keys = known.keySet().stream().collect(Collectors.joining(", "));
    return Spelling.nearest(key, known.keySet())
        .map(
            nearest ->
                "unknown key %s; did you mean %s?"
                    .formatted(child(path, key), child(path, nearest)))
        .orElseGet(
            () ->
                "unknown key %s; %s knows %s"
                    .formatted(child(path, key), path.isEmpty() ? "a recipe" : path, keys));
  }
}
