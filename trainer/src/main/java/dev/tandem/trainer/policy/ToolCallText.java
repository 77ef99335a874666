package dev.tandem.trainer.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.harness.tool.ToolUse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How models write that they want to use tools. Qwen writes {@code <tool_call>{"name": ..,
 * "arguments": {..}}</tool_call>}, once a call, behind what it says; Llama 3 writes nothing but
 * {@code {"name": .., "parameters": {..}}}. What is neither stays text.
 */
final class ToolCallText {
  private static final Pattern TAGGED =
      Pattern.compile("<tool_call>\\s*(\\{.*?\\})\\s*</tool_call>", Pattern.DOTALL);
  private static final String LLAMA_TAG = "<|python_tag|>";
  private static final JsonMapper JSON = new JsonMapper();

  private ToolCallText() {}

  /**
   * @param content what is said besides
   */
  record Response(String content, List<ToolUse> toolUses) {}

  static Response parse(String text) {
    Optional<ToolUse> whole = use(1, text.strip().replace(LLAMA_TAG, ""));
    if (whole.isPresent()) {
      return new Response("", List.of(whole.get()));
    }
    List<ToolUse> uses = new ArrayList<>();
    StringBuilder content = new StringBuilder();
    Matcher tagged = TAGGED.matcher(text);
    while (tagged.find()) {
      Optional<ToolUse> use = use(uses.size() + 1, tagged.group(1));
      use.ifPresent(uses::add);
      tagged.appendReplacement(
          content, use.isPresent() ? "" : Matcher.quoteReplacement(tagged.group()));
    }
    tagged.appendTail(content);
    return uses.isEmpty()
        ? new Response(text, List.of())
        : new Response(content.toString().strip(), List.copyOf(uses));
  }

  /** Neither model names its calls, so they are counted. */
  private static Optional<ToolUse> use(int number, String json) {
    if (!json.startsWith("{")) {
      return Optional.empty();
    }
    try {
      JsonNode call = JSON.readTree(json);
      JsonNode input = call.path(call.has("arguments") ? "arguments" : "parameters");
      return call.path("name").isTextual() && input.isObject()
          ? Optional.of(new ToolUse("call_" + number, call.path("name").asText(), input.toString()))
          : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty(); // a model may write anything; what is no call is text
    }
  }
}
