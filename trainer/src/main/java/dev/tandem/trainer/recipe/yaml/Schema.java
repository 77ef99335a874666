package dev.tandem.trainer.recipe.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
    return unknownKey(path, key, components(recordType).keySet());
  }

  /** The complaint about a key that is none of these. */
  static String unknownKey(String path, String key, Collection<String> known) {
    return Spelling.nearest(key, known)
        .map(
            nearest ->
                "unknown key %s; did you mean %s?"
                    .formatted(child(path, key), child(path, nearest)))
        .orElseGet(
            () ->
                "unknown key %s; %s knows %s"
                    .formatted(
                        child(path, key),
                        path.isEmpty() ? "a recipe" : path,
                        String.join(", ", known)));
  }

  /**
   * The complaint about a key of a whole recipe: who leaves the section out means the key of that
   * name in some section.
   */
  static String unknownKeyOfAll(String key, Class<?> recordType) {
    Set<String> known = components(recordType).keySet();
    return Spelling.nearest(key, known).isPresent()
        ? unknownKey("", key, known)
        : below("", recordType, new HashSet<>()).stream()
            .filter(path -> path.endsWith("." + key))
            .findFirst()
            .map(path -> "unknown key %s; did you mean %s?".formatted(key, path))
            .orElseGet(() -> unknownKey("", key, known));
  }

  private static List<String> below(String path, Class<?> recordType, Set<Class<?>> above) {
    List<String> paths = new ArrayList<>();
    if (above.add(recordType)) {
      components(recordType)
          .forEach(
              (key, component) -> {
                paths.add(child(path, key));
                if (component.getType().isRecord()) {
                  paths.addAll(below(child(path, key), component.getType(), above));
                }
              });
      above.remove(recordType);
    }
    return paths;
  }

  /**
   * A record's complaint with the key that it is about in full: {@code episodes must be ..} below
   * {@code warm_start} becomes {@code warm_start.episodes must be ..}.
   */
  static String withFullKey(String path, String complaint, Class<?> recordType) {
    if (path.isEmpty()) {
      return complaint;
    }
    String first = "";
    int at = Integer.MAX_VALUE;
    for (String key : components(recordType).keySet()) {
      for (String spelling : List.of(key, key.replace('_', ' '))) {
        Matcher found = Pattern.compile("\\b%s\\b".formatted(spelling)).matcher(complaint);
        if (found.find() && found.start() < at) {
          at = found.start();
          first = key;
          if (at == 0) {
            return child(path, key) + complaint.substring(spelling.length());
          }
        }
      }
    }
    return (first.isEmpty() ? path : child(path, first)) + ": " + complaint;
  }
}
