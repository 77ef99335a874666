package dev.tandem.rollout.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.Model;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Anthropic's messages. A schema is that of a tool which the model must use, since every model of
 * theirs can do that; what it would give the tool is the answer.
 */
record AnthropicApi() implements ServedModel.Api {
  private static final String VERSION = "2023-06-01";
  private static final String TOOL = "answer";

  @Override
  public String path() {
    return "/messages";
  }

  @Override
  public Map<String, String> headers(ServerSettings.Key key) {
    Map<String, String> headers = new HashMap<>(Map.of("anthropic-version", VERSION));
    if (key.isThere()) {
      headers.put("x-api-key", key.secret());
    }
    return headers;
  }

  @Override
  public ObjectNode body(Model.Request request, ServerSettings settings) {
    ObjectNode body = ServedModel.object();
    body.put("model", settings.model());
    body.put("max_tokens", settings.responseTokens());
    String system =
        request.messages().stream()
            .filter(message -> message.role() == Message.Role.SYSTEM)
            .map(Message::content)
            .collect(Collectors.joining("\n\n"));
    if (!system.isEmpty()) {
      body.put("system", system);
    }
    ArrayNode messages = body.putArray("messages");
    for (Message message : request.messages()) {
      if (message.role() != Message.Role.SYSTEM) {
        messages
            .addObject()
            .put("role", message.role().name().toLowerCase(Locale.ROOT))
            .put("content", message.content());
      }
    }
    if (settings.temperature() != 1) {
      body.put("temperature", settings.temperature());
    }
    request
        .schema()
        .ifPresent(
            schema -> {
              body.putArray("tools")
                  .addObject()
                  .put("name", TOOL)
                  .put("description", "Takes the answer.")
                  .set("input_schema", OpenAiApi.schema(schema));
              body.putObject("tool_choice").put("type", "tool").put("name", TOOL);
            });
    return body;
  }

  @Override
  public ServedModel.Reply read(JsonNode answer) {
    if (!answer.path("content").isArray()) {
      throw ServedModel.unreadable("the answer has no content");
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode block : answer.path("content")) {
      switch (block.path("type").asText()) {
        case "text" -> text.append(block.path("text").asText());
        case "tool_use" -> text.append(block.path("input"));
        default -> {
          // Thoughts and whatever else there may be are no part of the answer.
        }
      }
    }
    JsonNode usage = answer.path("usage");
    long prompt = usage.path("input_tokens").asLong(-1);
    long cached =
        Math.max(0, usage.path("cache_creation_input_tokens").asLong())
            + Math.max(0, usage.path("cache_read_input_tokens").asLong());
    return new ServedModel.Reply(
        text.toString(),
        switch (answer.path("stop_reason").asText()) {
          case "max_tokens" -> Model.Finish.LENGTH;
          case "model_context_window_exceeded" -> Model.Finish.CONTEXT_OVERFLOW;
          default -> Model.Finish.STOP;
        },
        prompt < 0 ? -1 : prompt + cached,
        usage.path("output_tokens").asLong(-1));
  }
}
