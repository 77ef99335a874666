package dev.tandem.harness.processor.support;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.harness.tool.ToolSpec;
import java.util.Optional;

/** The JSON of tools. */
public final class ToolInput {
  private static final JsonMapper JSON = new JsonMapper();

  private ToolInput() {}

  /** The schema of a tool's input. */
  public static ObjectNode schema(ToolSpec tool) {
    return parse(tool.inputSchema())
        .orElseThrow(() -> new IllegalStateException("a tool's schema is a JSON object"));
  }

  /** A call's input; empty when it is no JSON object. */
  public static Optional<ObjectNode> parse(String input) {
    try {
      JsonNode node = JSON.readTree(input);
      return node instanceof ObjectNode object ? Optional.of(object) : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** A text field of a call's input; empty when it has none. */
  public static Optional<String> text(String input, String field) {
    return parse(input)
        .map(object -> object.path(field))
        .filter(JsonNode::isTextual)
        .map(JsonNode::textValue);
  }
}
