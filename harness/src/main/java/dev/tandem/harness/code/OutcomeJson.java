package dev.tandem.harness.code;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.harness.event.ContractBreachException;
import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * What code returns, as an outcome. An object's key {@code outcome} names it: {@code pass} (so does
 * returning nothing), {@code transform} with the fields to change beside it, {@code split} with
 * {@code parts}, each the fields that one part changes, {@code intercept} with a {@code note}, or
 * {@code interrupt} with a {@code reason} and a {@code detail}.
 *
 * <p>Two names are shorthands at before_model: {@code content} is the text of the last user message
 * and {@code append} that of a further one.
 */
final class OutcomeJson {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String OUTCOME = "outcome";

  private final String processor;
  private final Event event;

  private OutcomeJson(String processor, Event event) {
    this.processor = processor;
    this.event = event;
  }

  /**
   * Reads an outcome.
   *
   * @throws CodeFailureException when it is none
   * @throws ContractBreachException when it changes a field of the event that nobody may change;
   *     what else the contract forbids is found out where every processor's outcome is checked
   */
  static Outcome read(String json, String processor, Event event) {
    JsonNode node;
    try {
      node = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new CodeFailureException("it returned no JSON: " + e.getOriginalMessage());
    }
    return node.isNull() ? Outcome.PASS : new OutcomeJson(processor, event).outcome(node);
  }

  private Outcome outcome(JsonNode node) {
    return switch (node.path(OUTCOME).asText()) {
      case "pass" -> {
        only(node, OUTCOME);
        yield Outcome.PASS;
      }
      case "transform" -> new Outcome.Transform(changed(node));
      case "split" -> {
        only(node, OUTCOME, "parts");
        List<Event> parts = list(node, "parts", this::changed);
        if (parts.size() < 2) {
          throw new CodeFailureException("a split needs at least 2 parts, had " + parts.size());
        }
        yield new Outcome.Split(parts);
      }
      case "intercept" -> {
        only(node, OUTCOME, "note");
        yield new Outcome.Intercept(text(node, "note"));
      }
      case "interrupt" -> {
        only(node, OUTCOME, "reason", "detail");
        yield new Outcome.Interrupt(reason(node), optionalText(node, "detail").orElse(""));
      }
      default ->
          throw new CodeFailureException(
              "it must return nothing or an object whose outcome is pass, transform, split,"
                  + " intercept or interrupt, returned "
                  + shown(node));
    };
  }

  private static ExitReason reason(JsonNode node) {
    String reason = optionalText(node, "reason").orElse("interrupted");
    return Arrays.stream(ExitReason.values())
        .filter(known -> known.name().toLowerCase(Locale.ROOT).equals(reason))
        .findFirst()
        .orElseThrow(() -> new CodeFailureException("there is no exit reason '" + reason + "'"));
  }

  /** The event with the fields that the object names. */
  private Event changed(JsonNode node) {
    return switch (event) {
      case Event.TaskStart start -> {
        fields(node, Set.of("systemPrompt"), Set.of("observation"));
        yield new Event.TaskStart(
            start.observation(), optionalText(node, "systemPrompt").orElse(start.systemPrompt()));
      }
      case Event.StepStart start -> {
        fields(node, Set.of("history"), Set.of("observation"));
        yield new Event.StepStart(
            start.step(),
            start.observation(),
            node.has("history") ? list(node, "history", OutcomeJson::message) : start.history());
      }
      case Event.BeforeModel before -> {
        fields(
            node,
            Set.of("content", "append", "messages", "choices", "tools"),
            Set.of("observation", "remaining"));
        yield changed(before, node);
      }
      case Event.ModelResponse response -> {
        fields(node, Set.of("content", "toolUses"), Set.of("observation", "callsLeft"));
        Event.ModelResponse changed =
            response.withContent(optionalText(node, "content").orElse(response.content()));
        yield node.has("toolUses")
            ? changed.withToolUses(list(node, "toolUses", OutcomeJson::use))
            : changed;
      }
      case Event.ToolCall call -> {
        fields(node, Set.of("input", "approved"), Set.of("observation", "id", "tool"));
        yield call.withInput(optionalText(node, "input").orElse(call.input()))
            .withApproved(flag(node, "approved", call.approved()));
      }
      case Event.ToolResult result -> {
        fields(node, Set.of("text"), Set.of("observation", "call", "executed", "error"));
        yield result.withText(optionalText(node, "text").orElse(result.text()));
      }
      case Event.StepEnd end -> {
        fields(node, Set.of(), Set.of("observation", "remaining"));
        yield end;
      }
      case Event.TaskEnd end -> {
        fields(node, Set.of(), Set.of("observation", "exitReason"));
        yield end;
      }
    };
  }

  private static Event changed(Event.BeforeModel before, JsonNode node) {
    Event.BeforeModel changed = before;
    if (node.has("messages")) {
      changed = changed.withMessages(list(node, "messages", OutcomeJson::message));
    }
    if (node.has("content")) {
      changed = changed.withLastContent(text(node, "content"));
    }
    if (node.has("append")) {
      List<Message> longer = new ArrayList<>(changed.messages());
      longer.add(Message.user(text(node, "append")));
      changed = changed.withMessages(longer);
    }
    if (node.has("choices")) {
      changed = changed.withChoices(list(node, "choices", OutcomeJson::string));
    }
    return node.has("tools") ? changed.withTools(list(node, "tools", OutcomeJson::tool)) : changed;
  }

  /** All keys are the event's, and none of them one that is fixed. */
  private void fields(JsonNode node, Set<String> free, Set<String> fixed) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      String name = field.getKey();
      if (fixed.contains(name) || name.equals("hook") || name.equals("step")) {
        throw new ContractBreachException(
            processor, event.hook(), name, event.step(), "must stay as it is");
      }
      if (!free.contains(name) && !name.equals(OUTCOME)) {
        throw new CodeFailureException(
            "at %s it may change %s, it returned '%s'"
                .formatted(event.hook().id(), new TreeSet<>(free), name));
      }
    }
  }

  private static void only(JsonNode node, String... keys) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!Arrays.asList(keys).contains(field.getKey())) {
        throw new CodeFailureException(
            "'%s' goes with %s, it returned '%s'"
                .formatted(node.path(OUTCOME).asText(), Arrays.asList(keys), field.getKey()));
      }
    }
  }

  private static Message message(JsonNode node) {
    String role = text(node, "role").toUpperCase(Locale.ROOT);
    try {
      return new Message(
          Message.Role.valueOf(role),
          text(node, "content"),
          node.has("toolUses") ? list(node, "toolUses", OutcomeJson::use) : List.of(),
          optionalText(node, "toolUseId").orElse(""));
    } catch (IllegalArgumentException e) {
      throw new CodeFailureException("a message is not valid: " + e.getMessage());
    }
  }

  private static ToolSpec tool(JsonNode node) {
    try {
      return new ToolSpec(text(node, "name"), text(node, "description"), text(node, "inputSchema"));
    } catch (IllegalArgumentException e) {
      throw new CodeFailureException("a tool is not valid: " + e.getMessage());
    }
  }

  private static ToolUse use(JsonNode node) {
    return new ToolUse(
        optionalText(node, "id").orElse(""), text(node, "tool"), text(node, "input"));
  }

  private static <T> List<T> list(JsonNode node, String key, Function<JsonNode, T> element) {
    JsonNode array = node.path(key);
    if (!array.isArray()) {
      throw new CodeFailureException("'%s' must be a list, was %s".formatted(key, shown(array)));
    }
    List<T> list = new ArrayList<>(array.size());
    array.forEach(one -> list.add(element.apply(one)));
    return list;
  }

  private static Optional<String> optionalText(JsonNode node, String key) {
    return node.has(key) ? Optional.of(text(node, key)) : Optional.empty();
  }

  private static String text(JsonNode node, String key) {
    JsonNode value = node.path(key);
    if (!value.isTextual()) {
      throw new CodeFailureException("'%s' must be text, was %s".formatted(key, shown(value)));
    }
    return value.textValue();
  }

  private static String string(JsonNode node) {
    if (!node.isTextual()) {
      throw new CodeFailureException("a list of texts held " + shown(node));
    }
    return node.textValue();
  }

  private static boolean flag(JsonNode node, String key, boolean otherwise) {
    JsonNode value = node.path(key);
    if (!value.isMissingNode() && !value.isBoolean()) {
      throw new CodeFailureException(
          "'%s' must be true or false, was %s".formatted(key, shown(value)));
    }
    return value.asBoolean(otherwise);
  }

  private static String shown(JsonNode node) {
    String text = node.isMissingNode() ? "nothing" : node.toString();
    return text.length() <= 100 ? text : text.substring(0, 100) + "...";
  }
}
