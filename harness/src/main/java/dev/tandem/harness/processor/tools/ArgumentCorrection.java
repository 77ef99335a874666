package dev.tandem.harness.processor.tools;

import com.fasterxml.jackson.databind.JsonNode;
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
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.harness.value.Parameter;
import dev.tandem.harness.value.Suggestion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Repairs what is almost right: a command that is one or two letters off an admissible one, a value
 * that is off an enumerated one, a number written as text. What is ambiguous stays as it is.
 */
public final class ArgumentCorrection implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
              "argument_correction",
              "Replaces an inadmissible command or an unknown enumerated value by the only one that"
                  + " is close to it.",
              "argument_correction",
              Dimension.TOOLS,
              Set.of(Hook.BEFORE_MODEL, Hook.BEFORE_TOOL),
              ProcessorType.PRE,
              List.of(),
              Set.of(FailureCategory.TOOL_MISUSE, FailureCategory.INADMISSIBLE_ACTION),
              List.of(new Parameter.Count("distance", 2, 1, 10)),
              ArgumentCorrection::new)
          .requiring(Requirement.OPEN_VOCABULARY);

  private final int distance;
  private List<ToolSpec> tools = List.of();

  private ArgumentCorrection(ProcessorType.Arguments arguments) {
    distance = arguments.count("distance");
  }

  @Override
  public Outcome on(Event event) {
    if (event instanceof Event.BeforeModel before) {
      tools = before.tools();
    } else if (event instanceof Event.ToolCall call) {
      String corrected =
          call.tool().equals(ToolUse.COMMAND)
              ? closest(call.input(), call.observation().admissible()).orElse(call.input())
              : correctedInput(call);
      if (!corrected.equals(call.input())) {
        return new Outcome.Transform(call.withInput(corrected));
      }
    }
    return Outcome.PASS;
  }

  private String correctedInput(Event.ToolCall call) {
    Optional<ToolSpec> tool =
        tools.stream().filter(one -> one.name().equals(call.tool())).findFirst();
    Optional<ObjectNode> input = ToolInput.parse(call.input());
    if (tool.isEmpty() || input.isEmpty()) {
      return call.input();
    }
    JsonNode properties = ToolInput.schema(tool.get()).path("properties");
    boolean changed = false;
    for (Map.Entry<String, JsonNode> field : List.copyOf(input.get().properties())) {
      changed |= correct(input.get(), field.getKey(), properties.path(field.getKey()));
    }
    return changed ? input.get().toString() : call.input();
  }

  private boolean correct(ObjectNode input, String name, JsonNode schema) {
    JsonNode value = input.path(name);
    if (!value.isTextual()) {
      return false;
    }
    String text = value.textValue();
    if (schema.path("type").asText().equals("integer") && text.strip().matches("-?\\d{1,9}")) {
      input.put(name, Integer.parseInt(text.strip()));
      return true;
    }
    List<String> options = new ArrayList<>();
    schema.path("enum").forEach(option -> options.add(option.asText()));
    Optional<String> option = closest(text, options);
    option.ifPresent(found -> input.put(name, found));
    return option.isPresent();
  }

  /** Endless where the numbers differ: item 1 is not item 2 misspelt. */
  private static int distance(String text, String option) {
    return text.replaceAll("\\D+", " ").strip().equals(option.replaceAll("\\D+", " ").strip())
        ? Suggestion.editDistance(text, option)
        : Integer.MAX_VALUE;
  }

  /** The one option within the distance that is closer than all others; none for an option. */
  private Optional<String> closest(String text, List<String> options) {
    if (options.contains(text)) {
      return Optional.empty();
    }
    int best = distance + 1;
    Optional<String> found = Optional.empty();
    for (String option : options) {
      int far = distance(text, option);
      if (far < best) {
        best = far;
        found = Optional.of(option);
      } else if (far == best) {
        found = Optional.empty();
      }
    }
    return found;
  }
}
