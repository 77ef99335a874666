package dev.tandem.trainer.recipe.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Lays what the user wrote over the tree of the defaults. Records are merged key by key; everything
 * else (numbers, lists, maps, free-form subtrees) is replaced whole.
 */
final class Overlay {
  /** Sections that may be the name of a file that holds them. */
  private static final Set<String> FILES = Set.of("aegis.red_lines");

  private final ObjectNode tree;
  private final Class<?> type;
  private final Origins origins;
  private final Function<String, Section> files;

  /**
   * @param files reads the file of a section
   */
  Overlay(ObjectNode defaults, Class<?> type, Origins origins, Function<String, Section> files) {
    this.tree = defaults;
    this.type = type;
    this.origins = origins;
    this.files = files;
  }

  /**
   * A section from elsewhere.
   *
   * @param where maps a dotted path within it to its place
   */
  record Section(ObjectNode root, UnaryOperator<String> where) {}

  /**
   * Merges a whole document.
   *
   * @param where maps a dotted path of the document to its place, such as {@code house.yaml:3}
   */
  void merge(ObjectNode document, UnaryOperator<String> where) {
    merge(tree, document, type, "", where);
  }

  private void merge(
      ObjectNode base,
      ObjectNode changes,
      Class<?> recordType,
      String path,
      UnaryOperator<String> where) {
    Map<String, RecordComponent> components = Schema.components(recordType);
    for (Map.Entry<String, JsonNode> change : changes.properties()) {
      String key = change.getKey();
      String keyPath = Schema.child(path, key);
      RecordComponent component = components.get(key);
      if (component == null && Schema.takesOthers(recordType, base, changes)) {
        origins.put(keyPath, where.apply(keyPath));
        base.set(key, change.getValue());
        continue;
      }
      if (component == null) {
        throw new ConfigException(
            where.apply(keyPath),
            path.isEmpty()
                ? Schema.unknownKeyOfAll(key, recordType)
                : Schema.unknownKey(path, key, recordType));
      }
      origins.put(keyPath, where.apply(keyPath));
      if (FILES.contains(keyPath) && change.getValue().isTextual()) {
        Section section = files.apply(change.getValue().textValue());
        int prefix = keyPath.length() + 1;
        merge(
            base.get(key) instanceof ObjectNode present ? present : base.putObject(key),
            section.root(),
            component.getType(),
            keyPath,
            at -> section.where().apply(at.substring(prefix)));
      } else if (component.getType().isRecord() && change.getValue() instanceof ObjectNode nested) {
        ObjectNode below =
            base.get(key) instanceof ObjectNode present ? present : base.putObject(key);
        merge(below, nested, component.getType(), keyPath, where);
      } else {
        base.set(key, Schema.inFull(component.getType(), change.getValue()));
      }
    }
  }

  /**
   * Sets one value, as {@code --set} does. The path may lead into a map or a free-form subtree.
   *
   * @param where the option as the user wrote it
   */
  void set(String dottedPath, JsonNode value, String where) {
    List<String> keys = List.of(dottedPath.split("\\.", -1));
    merge((ObjectNode) nested(tree, type, keys, "", value, where), path -> where);
  }

  /**
   * The document that states {@code value} under {@code keys}. Below a free-form subtree it starts
   * from what is there, because merging will replace that subtree whole.
   */
  private static JsonNode nested(
      @Nullable JsonNode base,
      Class<?> baseType,
      List<String> keys,
      String path,
      JsonNode value,
      String where) {
    if (keys.isEmpty()) {
      return value;
    }
    if (base != null && !base.isNull() && !base.isObject()) {
      throw new ConfigException(
          where,
          base.isArray()
              ? "%s is a list; set it as a whole, as in --set %s=[a, b]".formatted(path, path)
              : path + " is a single value and has no keys below it");
    }
    String key = keys.getFirst();
    RecordComponent component = baseType.isRecord() ? Schema.components(baseType).get(key) : null;
    ObjectNode document =
        !baseType.isRecord() && base instanceof ObjectNode present
            ? present.deepCopy()
            : JsonNodeFactory.instance.objectNode();
    document.set(
        key,
        nested(
            base == null ? null : base.get(key),
            component == null ? Object.class : component.getType(),
            keys.subList(1, keys.size()),
            Schema.child(path, key),
            value,
            where));
    return document;
  }
}
