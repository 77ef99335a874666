package dev.tandem.harness.tool;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * A tool as the model is told of it.
 *
 * @param name unique within an episode
 * @param description for the model
 * @param inputSchema JSON schema of the input, an object
 */
public record ToolSpec(String name, String description, String inputSchema) {
  private static final JsonMapper JSON = new JsonMapper();

  public ToolSpec {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a tool needs a name, was '%s'".formatted(name));
    }
    try {
      JsonNode schema = JSON.readTree(inputSchema);
      if (!schema.isObject()) {
        throw new IllegalArgumentException(
            "the input schema of tool '%s' must be a JSON object, was %s".formatted(name, schema));
      }
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "the input schema of tool '%s' must be JSON: %s".formatted(name, e.getOriginalMessage()),
          e);
    }
  }
}
