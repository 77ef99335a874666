package dev.tandem.harness.edit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.harness.value.CanonicalJson;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.harness.value.Slots;
import dev.tandem.harness.value.Suggestion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Edits as canonical JSON, for ledgers: equal edits give equal text. */
public final class HarnessEdits {
  private static final JsonMapper JSON = new JsonMapper();

  private static final List<String> KINDS =
      List.of("insert", "remove", "replace", "configure", "move", "equip", "sequence");

  private HarnessEdits() {}

  /**
   * One JSON object on one line: {@code edit} names the kind, the other keys are the edit's parts.
   */
  public static String toJson(HarnessEdit edit) {
    return CanonicalJson.write(form(edit));
  }

  private static Map<String, Object> form(HarnessEdit edit) {
    return switch (edit) {
      case HarnessEdit.Insert(ProcessorSpec processor, int position) ->
          position == HarnessEdit.END
              ? Map.of("edit", "insert", "processor", CanonicalJson.flat(processor))
              : Map.of(
                  "edit",
                  "insert",
                  "processor",
                  CanonicalJson.flat(processor),
                  "position",
                  position);
      case HarnessEdit.Remove(String type) -> Map.of("edit", "remove", "type", type);
      case HarnessEdit.Replace(ProcessorSpec processor) ->
          Map.of("edit", "replace", "processor", CanonicalJson.flat(processor));
      case HarnessEdit.Configure(String type, String parameter, Object value) ->
          Map.of("edit", "configure", "type", type, "parameter", parameter, "value", value);
      case HarnessEdit.Move(String type, int position) ->
          Map.of("edit", "move", "type", type, "position", position);
      case HarnessEdit.Equip(Slots slots) -> Map.of("edit", "equip", "slots", slots.values());
      case HarnessEdit.Sequence(List<HarnessEdit> edits) ->
          Map.of("edit", "sequence", "edits", edits.stream().map(HarnessEdits::form).toList());
    };
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
    return edit(node);
  }

  private static HarnessEdit edit(JsonNode node) {
    String kind = text(node, "edit");
    return switch (kind) {
      case "insert" ->
          new HarnessEdit.Insert(
              processor(part(node, "processor")),
              node.has("position") ? position(node) : HarnessEdit.END);
      case "remove" -> new HarnessEdit.Remove(text(node, "type"));
      case "replace" -> new HarnessEdit.Replace(processor(part(node, "processor")));
      case "configure" ->
          new HarnessEdit.Configure(
              text(node, "type"), text(node, "parameter"), value("value", part(node, "value")));
      case "move" -> new HarnessEdit.Move(text(node, "type"), position(node));
      case "equip" -> new HarnessEdit.Equip(slots(part(node, "slots")));
      case "sequence" -> {
        List<HarnessEdit> edits = new ArrayList<>();
        part(node, "edits").forEach(one -> edits.add(edit(one)));
        yield new HarnessEdit.Sequence(edits);
      }
      default ->
          throw new HarnessException(
              "unknown kind of edit '%s'%s".formatted(kind, Suggestion.forUnknown(kind, KINDS)));
    };
  }

  /** A processor in one line, such as {@code frontier_note(limit=10, show=both)}. */
  public static String describe(ProcessorSpec spec) {
    return spec.parameters().isEmpty()
        ? spec.type()
        : spec.parameters().entrySet().stream()
            .map(parameter -> parameter.getKey() + "=" + shown(parameter.getValue()))
            .collect(Collectors.joining(", ", spec.type() + "(", ")"));
  }

  /** A parameter value; text that is not one word is quoted. */
  public static String shown(@Nullable Object value) {
    return switch (value) {
      case String text when !isWord(text) -> CanonicalJson.quote(text);
      case List<?> list -> CanonicalJson.write(list);
      case null, default -> String.valueOf(value);
    };
  }

  private static boolean isWord(String text) {
    return !text.isEmpty()
        && text.chars().allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || c == '_'));
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
    } else if (node.isDouble()) {
      return node.doubleValue();
    } else if (node.isArray() && node.valueStream().allMatch(JsonNode::isTextual)) {
      return node.valueStream().map(JsonNode::textValue).toList();
    }
    throw new HarnessException(
        "'%s' of an edit must be true, false, a number, text or a list of texts, was %s"
            .formatted(name, node));
  }

  private static int position(JsonNode node) {
    JsonNode position = part(node, "position");
    if (!position.isInt()) {
      throw new HarnessException("'position' of an edit must be a whole number, was " + position);
    }
    return position.intValue();
  }

  /** Slots by name. */
  public static Slots slots(JsonNode node) {
    SortedMap<String, Object> values = new TreeMap<>();
    node.properties()
        .forEach(field -> values.put(field.getKey(), value(field.getKey(), field.getValue())));
    HarnessException.throwIfAny(Slots.problems(values).values().stream().toList());
    return Slots.of(values);
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
