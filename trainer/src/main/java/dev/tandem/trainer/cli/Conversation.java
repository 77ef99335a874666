package dev.tandem.trainer.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Messages for a chat template.
 *
 * @param messages objects with role and content
 * @param variables what else the template may read, such as {@code tools}
 */
record Conversation(ArrayNode messages, ObjectNode variables) {
  private static final String MESSAGES = "messages";
  private static final String FORM =
      "write [{\"role\": \"user\", \"content\": \"...\"}], or {\"messages\": [..], \"tools\":"
          + " [..]}";

  /** One question, with a system message before it if there is one. */
  static Conversation of(@Nullable String system, String user) {
    ArrayNode messages = JsonNodeFactory.instance.arrayNode();
    if (system != null) {
      messages.addObject().put("role", "system").put("content", system);
    }
    messages.addObject().put("role", "user").put("content", user);
    return new Conversation(messages, JsonNodeFactory.instance.objectNode());
  }

  /**
   * Reads a list of messages, or an object with one and with further names for the template.
   *
   * @throws UserException when the file is not of that form
   */
  static Conversation read(Path file) throws IOException {
    JsonNode json;
    try {
      json = new ObjectMapper().readTree(InputFile.text(file, "a JSON file of messages"));
    } catch (JsonProcessingException e) {
      throw UserException.usage(
          "%s is not JSON (%s); %s".formatted(file, e.getOriginalMessage(), FORM));
    }
    ObjectNode variables = JsonNodeFactory.instance.objectNode();
    if (json instanceof ObjectNode object) {
      variables.setAll(object);
      variables.remove(MESSAGES);
      json = object.path(MESSAGES);
    }
    if (!(json instanceof ArrayNode messages) || messages.isEmpty()) {
      throw UserException.usage("%s has no messages; %s".formatted(file, FORM));
    }
    for (int i = 0; i < messages.size(); i++) {
      if (!messages.get(i).path("role").isTextual()) {
        throw UserException.usage("%s: message %d has no role; %s".formatted(file, i, FORM));
      }
      if (messages.get(i).path("content").isMissingNode()
          && messages.get(i).path("tool_calls").isMissingNode()) {
        throw UserException.usage("%s: message %d has no content; %s".formatted(file, i, FORM));
      }
    }
    return new Conversation(messages, variables);
  }
}
