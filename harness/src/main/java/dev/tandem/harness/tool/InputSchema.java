package dev.tandem.harness.tool;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.util.List;

/** A tool's JSON schema, compiled (draft 2020-12, which is what tool schemas are written in). */
public final class InputSchema {
  private static final JsonMapper JSON = new JsonMapper();

  private final JsonSchema schema;

  private InputSchema(JsonSchema schema) {
    this.schema = schema;
  }

  /** Compiles the schema of a tool's input. */
  public static InputSchema of(ToolSpec spec) {
    return new InputSchema(
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
            .getSchema(spec.inputSchema()));
  }

  /** What is wrong with an input, empty when it is valid. */
  public List<String> problems(String input) {
    JsonNode node;
    try {
      node = JSON.readTree(input);
    } catch (JsonProcessingException e) {
      return List.of("the input must be a JSON object: " + e.getOriginalMessage());
    }
    if (!node.isObject()) {
      return List.of("the input must be a JSON object, was " + (input.isBlank() ? "empty" : node));
    }
    return schema.validate(node).stream().map(ValidationMessage::getMessage).sorted().toList();
  }
}
