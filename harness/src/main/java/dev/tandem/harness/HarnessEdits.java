package dev.tandem.harness;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Edits as canonical JSON, for ledgers: equal edits give equal text. */
public final class HarnessEdits {
  private static final JsonMapper JSON = new JsonMapper();

  private static final List<String> KINDS = List.of("insert", "remove", "replace", "configure");

  private HarnessEdits() {}

  /**
   * One JSON object on one line: {@code edit} names the kind, the other keys are the edit's parts.
   */
  public static String toJson(HarnessEdit edit) {
    return CanonicalJson.write(
        switch (edit) {
          case HarnessEdit.Insert(ProcessorSpec processor) ->
              Map.of("edit", "insert", "processor", CanonicalJson.flat(processor));
          case HarnessEdit.Remove(String type) -> Map.of("edit", "remove", "type", type);
          case HarnessEdit.Replace(ProcessorSpec processor) ->
              Map.of("edit", "replace", "processor", CanonicalJson.flat(processor));
          case HarnessEdit.Configure(String type, String parameter, Object value) ->
              Map.of("edit", "configure", "type", type, "parameter", parameter, "value", value);
        });
  }

  /**
   * Reads what {@link #toJson} wrote; whether the edit fits a harness is found out on applying it.
   *
   * @throws HarnessException when the text is not an edit
   */
  public static HarnessEdit fromJson(String json) {
    JsonNode node;
    try {
      node = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new HarnessException("an edit must be a JSON object: " + e.getOriginalMessage());
    }
    String kind = text(node, "edit");
    return switch (kind) {
      case "insert" -> new HarnessEdit.Insert(processor(part(node, "processor")));
      case "remove" -> new HarnessEdit.Remove(text(node, "type"));
      case "replace" -> new HarnessEdit.Replace(processor(part(node, "processor")));
      case "configure" ->
          new HarnessEdit.Configure(
              text(node, "type"), text(node, "parameter"), value("value", part(node, "value")));
      default ->
          throw new HarnessException(
              "unknown kind of edit '%s'%s".formatted(kind, Suggestion.forUnknown(kind, KINDS)));
    };
  }

  /** A processor in one line, such as {@code frontier_note(limit=10, show=both)}. */
  static String describe(ProcessorSpec spec) {
    return spec.parameters().isEmpty()
        ? spec.type()
        : spec.parameters().entrySet().stream()
            .map(parameter -> parameter.getKey() + "=" + shown(parameter.getValue()))
            .collect(Collectors.joining(", ", spec.type() + "(", ")"));
  }

  /** A parameter value; text that is not one word is quoted. */
  static String shown(@Nullable Object value) {
    return value instanceof String text && !text.matches("\\w+")
        ? CanonicalJson.quote(text)
        : String.valueOf(value);
  }

  private static ProcessorSpec processor(JsonNode node) {
    SortedMap<String, Object> parameters = new TreeMap<>();
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!field.getKey().equals("type")) {
        parameters.put(field.getKey(), value(field.getKey(), field.getValue()));
      }
    }
    return new ProcessorSpec(text(node, "type"), parameters);
  }

  private static Object value(String name, JsonNode node) {
    if (node.isTextual()) {
      return node.textValue();
    } else if (node.isBoolean()) {
      return node.booleanValue();
    } else if (node.isInt()) {
      return node.intValue();
    }
    throw new HarnessException(
        "'%s' of an edit must be true, false, a whole number or text, was %s"
            .formatted(name, node));
  }

  private static String text(JsonNode node, String name) {
    JsonNode part = part(node, name);
    if (!part.isTextual()) {
      throw new HarnessException("'%s' of an edit must be text, was %s".formatted(name, part));
    }
    return part.textValue();
  }

  private static JsonNode part(JsonNode node, String name) {
    JsonNode part = node.get(name);
    if (part == null) {
      throw new HarnessException("an edit needs '%s', was %s".formatted(name, node));
    }
    return part;
  }
}
