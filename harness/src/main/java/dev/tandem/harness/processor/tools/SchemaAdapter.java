package dev.tandem.harness.processor.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.processor.support.ToolInput;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.value.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Shows the model simpler schemas than the tools have: what is left out may still be given, for the
 * input is checked against the tool's own schema.
 */
public final class SchemaAdapter implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
              "schema_adapter",
              "Simplifies the tools' schemas for the model: without descriptions of properties, or"
                  + " without optional properties.",
              "schema_adapter",
              Dimension.TOOLS,
              Set.of(Hook.BEFORE_MODEL),
              ProcessorType.PRE,
              List.of("tool_filter"),
              Set.of(FailureCategory.TOOL_MISUSE, FailureCategory.CONTEXT_EXHAUSTED),
              List.of(
                  new Parameter.Flag("descriptions", false),
                  new Parameter.Flag("optional", true),
                  new Parameter.Count("description_length", 200, 0, 10_000)),
              SchemaAdapter::new)
          .requiring(Requirement.TOOLS);

  private final boolean descriptions;
  private final boolean optional;
  private final int descriptionLength;

  private SchemaAdapter(ProcessorType.Arguments arguments) {
    descriptions = arguments.flag("descriptions");
    optional = arguments.flag("optional");
    descriptionLength = arguments.count("description_length");
  }

  @Override
  public Outcome on(Event event) {
    if (!(event instanceof Event.BeforeModel before) || before.tools().isEmpty()) {
      return Outcome.PASS;
    }
    return new Outcome.Transform(
        before.withTools(before.tools().stream().map(this::adapted).toList()));
  }

  private ToolSpec adapted(ToolSpec tool) {
    ObjectNode schema = ToolInput.schema(tool).deepCopy();
    if (!optional && schema.path("properties") instanceof ObjectNode properties) {
      List<String> required = new ArrayList<>();
      schema.path("required").forEach(name -> required.add(name.asText()));
      properties.retain(required);
    }
    if (!descriptions) {
      removeDescriptions(schema);
    }
    String text = tool.description();
    return new ToolSpec(
        tool.name(),
        text.length() <= descriptionLength ? text : text.substring(0, descriptionLength),
        schema.toString());
  }

  /** Of every schema in the schema; a property may itself be called description. */
  private static void removeDescriptions(JsonNode schema) {
    if (schema instanceof ObjectNode object) {
      object.remove("description");
      object.path("properties").forEach(SchemaAdapter::removeDescriptions);
      removeDescriptions(object.path("items"));
      for (String alternatives : List.of("anyOf", "oneOf", "allOf")) {
        if (object.path(alternatives) instanceof ArrayNode array) {
          array.forEach(SchemaAdapter::removeDescriptions);
        }
      }
    }
  }
}
