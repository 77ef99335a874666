package dev.tandem.rollout.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.Model;
import java.util.Locale;
import java.util.Map;

/**
 * Chat completions as OpenAI, vLLM, SGLang and llama.cpp serve them.
 *
 * @param structured how the server is told of a schema: {@code json_schema}, {@code json_object} or
 *     {@code none}
 * @param limit the key for the most tokens of an answer
 */
record OpenAiApi(String structured, String limit) implements ServedModel.Api {
  private static final JsonMapper JSON = new JsonMapper();

  @Override
  public String path() {
    return "/chat/completions";
  }

  @Override
  public Map<String, String> headers(ServerSettings.Key key) {
    return key.isThere() ? Map.of("Authorization", "Bearer " + key.secret()) : Map.of();
  }

  @Override
  public ObjectNode body(Model.Request request, ServerSettings settings) {
    ObjectNode body = ServedModel.object();
    body.put("model", settings.model());
    ArrayNode messages = body.putArray("messages");
    for (Message message : request.messages()) {
      messages
          .addObject()
          .put("role", message.role().name().toLowerCase(Locale.ROOT))
          .put("content", message.content());
    }
    body.put(limit, settings.responseTokens());
    if (settings.temperature() != 1) {
      body.put("temperature", settings.temperature());
    }
    if (request.schema().isPresent() && !structured.equals("none")) {
      ObjectNode format = body.putObject("response_format").put("type", structured);
      if (structured.equals("json_schema")) {
        format
            .putObject("json_schema")
            .put("name", "answer")
            .set("schema", schema(request.schema().get()));
      }
    }
    return body;
  }

  static JsonNode schema(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("a schema must be JSON: " + e.getOriginalMessage(), e);
    }
  }

  @Override
  public ServedModel.Reply read(JsonNode answer) {
    JsonNode choice = answer.path("choices").path(0);
    JsonNode text = choice.path("message").path("content");
    if (!text.isTextual()) {
      JsonNode refusal = choice.path("message").path("refusal");
      throw ServedModel.unreadable(
          refusal.isTextual()
              ? "the model refuses to answer"
              : "the answer has no choices[0].message.content");
    }
    JsonNode usage = answer.path("usage");
    return new ServedModel.Reply(
        text.textValue(),
        choice.path("finish_reason").asText().equals("length")
            ? Model.Finish.LENGTH
            : Model.Finish.STOP,
        usage.path("prompt_tokens").asLong(-1),
        usage.path("completion_tokens").asLong(-1));
  }
}
