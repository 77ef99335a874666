package dev.tandem.harness.config;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import dev.tandem.harness.edit.HarnessEdits;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.harness.value.Slots;
import java.io.IOException;
import java.util.Arrays;
import java.util.SortedMap;

/**
 * Configurations inside other JSON, such as run states and ledgers: the processors as records, and
 * of the rest only what differs from the defaults, so that harnesses without it keep their form.
 */
final class HarnessConfigJson {
  private HarnessConfigJson() {}

  static final class Writer extends StdSerializer<HarnessConfig> {
    private static final long serialVersionUID = 1L;

    Writer() {
      super(HarnessConfig.class);
    }

    @Override
    public void serialize(HarnessConfig config, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeStartObject();
      provider.defaultSerializeField("processors", config.processors(), out);
      SortedMap<String, Object> slots = config.slots().values();
      if (!slots.isEmpty()) {
        provider.defaultSerializeField("slots", slots, out);
      }
      if (!config.description().isEmpty()) {
        out.writeStringField("description", config.description());
      }
      if (config.contract() != HarnessConfig.CONTRACT) {
        out.writeNumberField("contract", config.contract());
      }
      out.writeEndObject();
    }
  }

  static final class Reader extends StdDeserializer<HarnessConfig> {
    private static final long serialVersionUID = 1L;

    Reader() {
      super(HarnessConfig.class);
    }

    @Override
    public HarnessConfig deserialize(JsonParser in, DeserializationContext context)
        throws IOException {
      JsonNode node = context.readTree(in);
      ProcessorSpec[] processors =
          context.readTreeAsValue(node.path("processors"), ProcessorSpec[].class);
      return new HarnessConfig(
          Arrays.asList(processors),
          node.has("slots") ? HarnessEdits.slots(node.path("slots")) : Slots.DEFAULT,
          node.path("description").asText(""),
          node.path("contract").asInt(HarnessConfig.CONTRACT));
    }
  }
}
