package dev.tandem.aegis.author;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.harness.code.JavaScriptProcessor;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.value.Parameter;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What a language model may propose with: processor types that could work here, and their
 * parameters. Types that somebody has to write something for are none of them, but for code where
 * there is a trial for it.
 *
 * @param registry every type
 * @param met what there is of the requirements that types declare
 * @param words that the acting model knows; empty where it reads any
 * @param trial of code that the language model writes; empty where it writes none
 */
public record Offer(
    ProcessorRegistry registry,
    Set<Requirement> met,
    SortedSet<String> words,
    Optional<CodeTrial> trial) {
  /** What of code is its author's to say. */
  private static final Set<String> WRITTEN = Set.of("name", "hooks", "code", "addresses");

  public Offer {
    met = Set.copyOf(met);
    words = Collections.unmodifiableSortedSet(new TreeSet<>(words));
  }

  /** Types that may be put in, and those of the two harnesses, which may be turned. */
  List<ProcessorType> types(HarnessConfig start, HarnessConfig incumbent) {
    List<ProcessorType> types = new ArrayList<>(registry.searchable(met));
    Stream.concat(start.processors().stream(), incumbent.processors().stream())
        .map(spec -> registry.type(spec.type()))
        .filter(type -> !types.contains(type))
        .distinct()
        .forEach(types::add);
    types.removeIf(type -> type.requirements().contains(Requirement.AUTHOR));
    if (writesCode()) {
      types.add(JavaScriptProcessor.TYPE);
    }
    return types;
  }

  /** Whether the language model may write processors. */
  boolean writesCode() {
    return trial.isPresent() && registry.find(JavaScriptProcessor.TYPE.id()).isPresent();
  }

  /** Whether a processor is code that was written for it. */
  static boolean isCode(ProcessorSpec spec) {
    return spec.type().equals(JavaScriptProcessor.TYPE.id());
  }

  /** What of a type can be turned. */
  static List<Parameter> parameters(ProcessorType type) {
    boolean code = type.id().equals(JavaScriptProcessor.TYPE.id());
    return type.parameters().stream()
        .filter(one -> code ? WRITTEN.contains(one.name()) : one.behavioural())
        .toList();
  }

  /** JSON schema of an answer, for servers that hold their models to one. */
  static String schema(List<ProcessorType> types, int mostLevers) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    ArrayNode choices = json.arrayNode();
    for (ProcessorType type : types) {
      ObjectNode parameters = json.objectNode();
      for (Parameter parameter : parameters(type)) {
        parameters.set(parameter.name(), schema(parameter));
      }
      ObjectNode properties = json.objectNode();
      properties.putObject("processor").put("type", "string").putArray("enum").add(type.id());
      properties.set("parameters", object(parameters, List.of()));
      properties.putObject("reason").put("type", "string");
      choices.add(object(properties, List.of("processor", "parameters", "reason")));
    }
    ObjectNode levers = json.objectNode().put("type", "array").put("maxItems", mostLevers);
    levers.putObject("items").set("anyOf", choices);
    ObjectNode properties = json.objectNode();
    properties.set("levers", levers);
    return object(properties, List.of("levers")).toString();
  }

  private static ObjectNode object(ObjectNode properties, List<String> required) {
    ObjectNode object = JsonNodeFactory.instance.objectNode().put("type", "object");
    object.set("properties", properties);
    ArrayNode names = object.putArray("required");
    required.forEach(names::add);
    return object.put("additionalProperties", false);
  }

  private static ObjectNode schema(Parameter parameter) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    switch (parameter) {
      case Parameter.Flag ignored -> schema.put("type", "boolean");
      case Parameter.Count count ->
          schema
              .put("type", "integer")
              .put("minimum", count.minimum())
              .put("maximum", count.maximum());
      case Parameter.Decimal decimal ->
          schema
              .put("type", "number")
              .put("minimum", decimal.minimum())
              .put("maximum", decimal.maximum());
      case Parameter.Choice choice -> {
        ArrayNode options = schema.put("type", "string").putArray("enum");
        choice.options().forEach(options::add);
      }
      case Parameter.Text ignored -> schema.put("type", "string");
      case Parameter.Texts ignored ->
          schema.put("type", "array").putObject("items").put("type", "string");
      case Parameter.Label ignored -> schema.put("type", "string");
    }
    return schema;
  }
}
