package dev.tandem.trainer.recipe.yaml;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.node.TextNode;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Builds records from a tree, strictly: no number from text, no rounding, no null where the record
 * does not say {@code @Nullable}. Jackson's binder is more forgiving and reports positions in a
 * tree instead of lines, so it is asked only for types that are neither records nor plain values.
 */
final class RecordBinder {
  private static final String TYPE = "type";

  private final ObjectMapper mapper;
  private final Origins origins;

  RecordBinder(ObjectMapper mapper, Origins origins) {
    this.mapper = mapper;
    this.origins = origins;
  }

  /** The record of {@code type} that the tree describes. */
  <T> T bind(JsonNode tree, Class<T> type) {
    return type.cast(recordOf(tree, type, ""));
  }

  private @Nullable Object value(@Nullable JsonNode node, AnnotatedType annotated, String path) {
    if (node == null || node.isNull()) {
      if (annotated.isAnnotationPresent(Nullable.class)) {
        return null;
      }
      throw problem(
          path,
          node == null
              ? path + " is missing and has no default; give it a value"
              : path + " has no value; it must be " + expected(rawClass(annotated.getType())));
    }
    return value(node, annotated.getType(), path);
  }

  private Object value(JsonNode node, Type type, String path) {
    Class<?> raw = rawClass(type);
    if (type instanceof ParameterizedType generic && raw == List.class) {
      return list(node, generic.getActualTypeArguments()[0], path);
    }
    if (type instanceof ParameterizedType generic && raw == Map.class) {
      return map(node, generic, path);
    }
    if (raw.isRecord()) {
      return recordOf(node, raw, path);
    }
    if (raw.isEnum()) {
      return constant(node, raw, path);
    }
    if (JsonNode.class.isAssignableFrom(raw)) {
      return raw.isInstance(node) ? node : raise(node, raw, path);
    }
    return scalar(node, raw, path);
  }

  private Object scalar(JsonNode node, Class<?> raw, String path) {
    if (raw == int.class || raw == Integer.class) {
      return node.isIntegralNumber() && node.canConvertToInt()
          ? Integer.valueOf(node.intValue())
          : raise(node, raw, path);
    }
    if (raw == long.class || raw == Long.class) {
      return node.isIntegralNumber() && node.canConvertToLong()
          ? Long.valueOf(node.longValue())
          : raise(node, raw, path);
    }
    if (raw == double.class || raw == Double.class) {
      return node.isNumber() && Double.isFinite(node.doubleValue())
          ? Double.valueOf(node.doubleValue())
          : raise(node, raw, path);
    }
    if (raw == float.class || raw == Float.class) {
      return node.isNumber() && Float.isFinite(node.floatValue())
          ? Float.valueOf(node.floatValue())
          : raise(node, raw, path);
    }
    if (raw == boolean.class || raw == Boolean.class) {
      return node.isBoolean() ? Boolean.valueOf(node.booleanValue()) : raise(node, raw, path);
    }
    if (raw == String.class) {
      return node.isTextual() ? node.textValue() : raise(node, raw, path);
    }
    if (raw == Path.class) {
      return path(node, path);
    }
    return foreign(node, raw, path);
  }

  private Path path(JsonNode node, String path) {
    if (!node.isTextual()) {
      throw mismatch(node, Path.class, path);
    }
    try {
      return Path.of(node.textValue());
    } catch (InvalidPathException invalid) {
      throw mismatch(node, Path.class, path);
    }
  }

  private Object constant(JsonNode node, Class<?> raw, String path) {
    Map<String, Enum<?>> words = Schema.words(raw);
    Enum<?> constant = node.isTextual() ? words.get(node.textValue()) : null;
    if (constant != null) {
      return constant;
    }
    String guess =
        Spelling.nearest(node.asText(), words.keySet())
            .map(word -> "; did you mean " + word + "?")
            .orElse("");
    throw problem(path, complaint(node, raw, path) + guess);
  }

  private List<Object> list(JsonNode node, Type element, String path) {
    if (!node.isArray()) {
      throw mismatch(node, List.class, path);
    }
    List<Object> items = new ArrayList<>(node.size());
    for (JsonNode item : node) {
      items.add(item(item, element, path + "[" + items.size() + "]"));
    }
    return List.copyOf(items);
  }

  private Map<Object, Object> map(JsonNode node, ParameterizedType type, String path) {
    if (!node.isObject()) {
      throw mismatch(node, Map.class, path);
    }
    Type keyType = type.getActualTypeArguments()[0];
    Map<Object, Object> entries = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      JsonNode key = TextNode.valueOf(entry.getKey());
      String entryPath = Schema.child(path, entry.getKey());
      entries.put(
          value(key, keyType, entryPath),
          item(entry.getValue(), type.getActualTypeArguments()[1], entryPath));
    }
    return Collections.unmodifiableMap(entries);
  }

  private Object item(JsonNode item, Type type, String path) {
    if (item.isNull() && !JsonNode.class.isAssignableFrom(rawClass(type))) {
      throw problem(path, path + " has no value; it must be " + expected(rawClass(type)));
    }
    return value(item, type, path);
  }

  private Object recordOf(JsonNode written, Class<?> type, String path) {
    JsonNode node = Schema.inFull(type, written);
    if (!node.isObject()) {
      throw mismatch(node, type, path);
    }
    Map<String, RecordComponent> components = Schema.components(type);
    Map<String, Object> others = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      String key = entry.getKey();
      if (!components.containsKey(key)) {
        if (!Schema.takesOthers(type, node)) {
          throw problem(Schema.child(path, key), Schema.unknownKey(path, key, type));
        }
        others.put(key, foreign(entry.getValue(), Object.class, Schema.child(path, key)));
      }
    }
    RecordComponent[] declared = type.getRecordComponents();
    @Nullable Object[] arguments = new @Nullable Object[declared.length];
    for (int i = 0; i < declared.length; i++) {
      String key = Schema.key(declared[i]);
      arguments[i] =
          declared[i].isAnnotationPresent(Others.class)
              ? Collections.unmodifiableMap(others)
              : value(node.get(key), declared[i].getAnnotatedType(), Schema.child(path, key));
    }
    return construct(type, arguments, path);
  }

  private Object construct(Class<?> type, @Nullable Object[] arguments, String path) {
    try {
      Constructor<?> constructor =
          type.getDeclaredConstructor(
              Arrays.stream(type.getRecordComponents())
                  .map(RecordComponent::getType)
                  .toArray(Class<?>[]::new));
      constructor.setAccessible(true);
      return constructor.newInstance(arguments);
    } catch (InvocationTargetException refused) {
      if (refused.getCause() instanceof IllegalArgumentException complaint) {
        String message = String.valueOf(complaint.getMessage());
        throw new ConfigException(
            origins.ofComplaint(path, message), Schema.withFullKey(path, message, type), complaint);
      }
      throw new IllegalStateException(type.getName() + " could not be built", refused.getCause());
    } catch (ReflectiveOperationException impossible) {
      throw new IllegalStateException(type.getName() + " is not a usable record", impossible);
    }
  }

  /** What Jackson builds, such as the kinds of a loss; its words are for programmers. */
  private Object foreign(JsonNode node, Class<?> raw, String path) {
    try {
      return mapper.treeToValue(node, raw);
    } catch (UnrecognizedPropertyException unknown) {
      String key = Schema.child(path, unknown.getPropertyName());
      List<String> known =
          unknown.getKnownPropertyIds() == null
              ? List.of()
              : unknown.getKnownPropertyIds().stream().map(String::valueOf).sorted().toList();
      throw new ConfigException(
          origins.of(key), Schema.unknownKey(path, unknown.getPropertyName(), known), unknown);
    } catch (InvalidTypeIdException other) {
      throw new ConfigException(
          origins.of(Schema.child(path, TYPE)), notOfAKind(node, raw, path), other);
    } catch (JsonProcessingException refused) {
      if (refused.getCause() instanceof IllegalArgumentException complaint) {
        String message = String.valueOf(complaint.getMessage());
        throw new ConfigException(
            origins.ofComplaint(path, message), path + ": " + message, refused);
      }
      throw new ConfigException(
          origins.of(path),
          "%s cannot be read as %s: %s"
              .formatted(
                  path,
                  raw.getSimpleName(),
                  refused.getOriginalMessage().lines().findFirst().orElse("")),
          refused);
    }
  }

  private static String notOfAKind(JsonNode node, Class<?> raw, String path) {
    List<String> kinds = new ArrayList<>();
    JsonSubTypes declared = raw.getAnnotation(JsonSubTypes.class);
    if (declared != null) {
      for (JsonSubTypes.Type kind : declared.value()) {
        kinds.add(kind.name());
      }
    }
    String all = String.join(", ", kinds);
    if (!node.isObject()) {
      return "%s must be a mapping with a type (%s), as in {type: %s}, was %s"
          .formatted(path, all, kinds.isEmpty() ? "..." : kinds.getFirst(), shown(node));
    }
    JsonNode type = node.path(TYPE);
    String guess =
        Spelling.nearest(type.asText(), kinds)
            .map(near -> "; did you mean " + near + "?")
            .orElse("");
    return "%s must be one of %s, was %s%s"
        .formatted(
            Schema.child(path, TYPE), all, type.isMissingNode() ? "absent" : shown(type), guess);
  }

  private Object raise(JsonNode node, Class<?> expected, String path) {
    throw mismatch(node, expected, path);
  }

  private ConfigException mismatch(JsonNode node, Class<?> expected, String path) {
    boolean unquoted = expected == String.class && node.isValueNode();
    return problem(path, complaint(node, expected, path) + (unquoted ? "; put it in quotes" : ""));
  }

  private static String complaint(JsonNode node, Class<?> expected, String path) {
    return "%s must be %s, was %s".formatted(path, expected(expected), shown(node));
  }

  private ConfigException problem(String path, String problem) {
    return new ConfigException(origins.of(path), problem);
  }

  private static String shown(JsonNode node) {
    return switch (node.getNodeType()) {
      case STRING -> "'" + node.textValue() + "'";
      case OBJECT -> "a mapping of keys";
      case ARRAY -> "a list";
      case NULL, BOOLEAN, NUMBER, BINARY, MISSING, POJO -> node.asText();
    };
  }

  private static String expected(Class<?> raw) {
    if (raw.isEnum()) {
      return "one of " + String.join(", ", Schema.words(raw).keySet());
    }
    if (raw == int.class || raw == Integer.class || raw == long.class || raw == Long.class) {
      return "a whole number";
    }
    if (raw == double.class || raw == Double.class || raw == float.class || raw == Float.class) {
      return "a finite number";
    }
    if (raw == boolean.class || raw == Boolean.class) {
      return "true or false";
    }
    if (raw == String.class) {
      return "text";
    }
    if (raw == Path.class) {
      return "a path";
    }
    if (raw == List.class) {
      return "a list";
    }
    return raw.isRecord() || raw == Map.class ? "a mapping of keys" : raw.getSimpleName();
  }

  private static Class<?> rawClass(Type type) {
    return switch (type) {
      case Class<?> plain -> plain;
      case ParameterizedType generic -> (Class<?>) generic.getRawType();
      default -> Object.class;
    };
  }
}
