package dev.tandem.trainer.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import java.util.List;
import java.util.Locale;

/**
 * A conversation as chat templates read it.
 *
 * @param messages objects with role and content, and whatever else a template reads
 * @param variables further names for the template, such as {@code tools}
 */
public record Chat(ArrayNode messages, ObjectNode variables) {
  public static final String TOOLS = "tools";

  static final String ASSISTANT = "assistant";

  private static final JsonMapper JSON = new JsonMapper();

  /** What an agent's model is asked and answers. */
  public static Chat of(List<Message> messages, List<ToolSpec> tools) {
    ObjectNode variables = JsonNodeFactory.instance.objectNode();
    if (!tools.isEmpty()) {
      variables.set(TOOLS, toolsAsJson(tools));
    }
    return new Chat(json(messages), variables);
  }

  /** Whether the assistant speaks in it. */
  public boolean hasAnswers() {
    return messages.valueStream().anyMatch(message -> role(message).equals(ASSISTANT));
  }

  static String role(JsonNode message) {
    return message.path("role").asText();
  }

  static ArrayNode json(List<Message> messages) {
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    for (Message message : messages) {
      ObjectNode one = json.addObject();
      one.put("role", message.role().name().toLowerCase(Locale.ROOT));
      one.put("content", message.content());
      if (!message.toolUses().isEmpty()) {
        ArrayNode calls = one.putArray("tool_calls");
        for (ToolUse use : message.toolUses()) {
          ObjectNode function = calls.addObject().put("type", "function").putObject("function");
          function.put("name", use.tool());
          function.set("arguments", parsed(use.input()));
        }
      }
    }
    return json;
  }

  static ArrayNode toolsAsJson(List<ToolSpec> tools) {
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    for (ToolSpec tool : tools) {
      ObjectNode function = json.addObject().put("type", "function").putObject("function");
      function.put("name", tool.name());
      function.put("description", tool.description());
      function.set("parameters", parsed(tool.inputSchema()));
    }
    return json;
  }

  /** JSON as a value; what is none is a string. */
  static JsonNode parsed(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      return TextNode.valueOf(json);
    }
  }
}
