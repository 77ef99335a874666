package dev.tandem.harness.code;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.event.Remaining;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;

/**
 * Events as code sees them: plain JSON with the field names of {@link Event}'s records and the name
 * of the hook. The wall time left is not among them, for what code decides must not depend on it.
 */
public final class EventJson {
  private static final JsonFactory JSON = new JsonFactory();
  private static final JsonMapper FACTS = new JsonMapper();

  private EventJson() {}

  /** One JSON object on one line. */
  public static String write(Event event) {
    StringWriter text = new StringWriter(2048);
    try (JsonGenerator out = JSON.createGenerator(text)) {
      out.writeStartObject();
      out.writeStringField("hook", event.hook().id());
      out.writeNumberField("step", event.step());
      switch (event) {
        case Event.TaskStart start -> {
          write(out, start.observation());
          out.writeStringField("systemPrompt", start.systemPrompt());
        }
        case Event.StepStart start -> {
          write(out, start.observation());
          write(out, "history", start.history());
        }
        case Event.BeforeModel before -> {
          write(out, before.remaining());
          write(out, before.observation());
          write(out, "messages", before.messages());
          texts(out, "choices", before.choices());
          tools(out, before.tools());
        }
        case Event.ModelResponse response -> {
          write(out, response.observation());
          out.writeStringField("content", response.content());
          uses(out, response.toolUses());
          out.writeNumberField("callsLeft", response.callsLeft());
        }
        case Event.ToolCall call -> {
          write(out, call.observation());
          fields(out, call);
        }
        case Event.ToolResult result -> {
          out.writeObjectFieldStart("call");
          fields(out, result.call());
          out.writeEndObject();
          out.writeBooleanField("executed", result.executed());
          out.writeBooleanField("error", result.error());
          write(out, result.observation());
          out.writeStringField("text", result.text());
        }
        case Event.StepEnd end -> {
          write(out, end.remaining());
          write(out, end.observation());
        }
        case Event.TaskEnd end -> {
          write(out, end.observation());
          out.writeStringField("exitReason", id(end.exitReason()));
        }
      }
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to a string cannot fail", e);
    }
    return text.toString();
  }

  private static void write(JsonGenerator out, Observation observation) throws IOException {
    out.writeObjectFieldStart("observation");
    out.writeStringField("goal", observation.goal());
    out.writeStringField("text", observation.text());
    out.writeBooleanField("effective", observation.effective());
    out.writeFieldName("facts");
    FACTS.writeValue(out, observation.facts());
    if (observation.admissible().isPresent()) {
      texts(out, "admissible", observation.commands());
    } else {
      out.writeNullField("admissible");
    }
    out.writeEndObject();
  }

  /** Limits that limit nothing are left out. */
  private static void write(JsonGenerator out, Remaining remaining) throws IOException {
    out.writeObjectFieldStart("remaining");
    out.writeNumberField("steps", remaining.steps());
    if (remaining.tokens() != Long.MAX_VALUE) {
      out.writeNumberField("tokens", remaining.tokens());
    }
    if (Double.isFinite(remaining.money())) {
      out.writeNumberField("money", remaining.money());
    }
    out.writeEndObject();
  }

  private static void write(JsonGenerator out, String field, List<Message> messages)
      throws IOException {
    out.writeArrayFieldStart(field);
    for (Message message : messages) {
      out.writeStartObject();
      out.writeStringField("role", id(message.role()));
      out.writeStringField("content", message.content());
      if (!message.toolUses().isEmpty()) {
        uses(out, message.toolUses());
      }
      if (!message.toolUseId().isEmpty()) {
        out.writeStringField("toolUseId", message.toolUseId());
      }
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void tools(JsonGenerator out, List<ToolSpec> tools) throws IOException {
    out.writeArrayFieldStart("tools");
    for (ToolSpec tool : tools) {
      out.writeStartObject();
      out.writeStringField("name", tool.name());
      out.writeStringField("description", tool.description());
      out.writeStringField("inputSchema", tool.inputSchema());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void uses(JsonGenerator out, List<ToolUse> uses) throws IOException {
    out.writeArrayFieldStart("toolUses");
    for (ToolUse use : uses) {
      out.writeStartObject();
      out.writeStringField("id", use.id());
      out.writeStringField("tool", use.tool());
      out.writeStringField("input", use.input());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void fields(JsonGenerator out, Event.ToolCall call) throws IOException {
    out.writeStringField("id", call.id());
    out.writeStringField("tool", call.tool());
    out.writeStringField("input", call.input());
    out.writeBooleanField("approved", call.approved());
  }

  private static void texts(JsonGenerator out, String field, List<String> texts)
      throws IOException {
    out.writeArrayFieldStart(field);
    for (String text : texts) {
      out.writeString(text);
    }
    out.writeEndArray();
  }

  private static String id(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
