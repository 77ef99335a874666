package dev.tandem.trainer.recipe.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** How records and enums are spelled in a recipe. */
final class Schema {
  private Schema() {}

  /** The components of a record that have a key, by it, in order. */
  static Map<String, RecordComponent> components(Class<?> recordType) {
    Map<String, RecordComponent> components = new LinkedHashMap<>();
    for (RecordComponent component : recordType.getRecordComponents()) {
      if (!component.isAnnotationPresent(Others.class)) {
        components.put(key(component), component);
      }
    }
    return components;
  }

  /** Whether a mapping may have keys that are no component's. */
  static boolean takesOthers(Class<?> recordType, JsonNode... mappings) {
    return Arrays.stream(recordType.getRecordComponents())
        .map(component -> component.getAnnotation(Others.class))
        .filter(Objects::nonNull)
        .anyMatch(
            others ->
                others.where().isEmpty()
                    || Arrays.stream(mappings)
                        .anyMatch(mapping -> !mapping.path(others.where()).asText().isEmpty()));
  }

  /** What is written for a record, in full: a word stands for the first component. */
  static JsonNode inFull(Class<?> type, JsonNode written) {
    if (!type.isAnnotationPresent(OneWord.class) || !written.isTextual()) {
      return written;
    }
    return JsonNodeFactory.instance
        .objectNode()
        .set(components(type).keySet().iterator().next(), written);
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
