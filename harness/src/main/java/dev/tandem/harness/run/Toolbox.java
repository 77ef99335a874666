package dev.tandem.harness.run;

import dev.tandem.harness.Harness;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.spi.World;
import dev.tandem.harness.tool.InputSchema;
import dev.tandem.harness.tool.Tool;
import dev.tandem.harness.tool.ToolOutput;
import dev.tandem.harness.tool.ToolRegistry;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.Slots;
import dev.tandem.harness.value.Suggestion;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** The tools of one episode under one harness version, of the environment and of the harness. */
final class Toolbox {
  private final World world;
  private final SequencedMap<String, ToolSpec> specs = new LinkedHashMap<>();

  /** Handlers of the harness's own tools. */
  private final Map<String, Tool> own = new HashMap<>();

  /** Compiled when first needed. */
  private final Map<String, InputSchema> schemas = new HashMap<>();

  /**
   * @throws HarnessException when a tool that the harness requires is not there, or two share a
   *     name
   */
  Toolbox(World world, Harness harness) {
    this.world = world;
    Slots slots = harness.config().slots();
    List<String> problems = new ArrayList<>();
    for (ToolSpec spec : world.tools()) {
      add(spec, slots, problems);
    }
    ToolRegistry registry = harness.services().find(ToolRegistry.class).orElse(ToolRegistry.EMPTY);
    for (Tool tool : registry.tools()) {
      if (add(tool.spec(), slots, problems)) {
        own.put(tool.spec().name(), tool);
      }
    }
    for (String required : slots.requiredTools()) {
      if (!specs.containsKey(required) && !required.equals(ToolUse.COMMAND)) {
        problems.add(
            "the harness requires the tool '%s'%s"
                .formatted(required, Suggestion.forUnknown(required, specs.keySet())));
      }
    }
    HarnessException.throwIfAny(problems);
  }

  private boolean add(ToolSpec spec, Slots slots, List<String> problems) {
    if (!slots.allowsTool(spec.name())) {
      return false;
    }
    if (spec.name().equals(ToolUse.COMMAND) || specs.put(spec.name(), spec) != null) {
      problems.add(
          "two tools are named '%s': rename one, or leave one out of the slot 'tools'"
              .formatted(spec.name()));
    }
    return true;
  }

  /** How a use ended. */
  sealed interface Result {
    /** The environment carried it out. */
    record ByWorld(Observation after) implements Result {}

    /** A tool of the harness answered. */
    record ByTool(ToolOutput output) implements Result {}

    /** It was not carried out. */
    record Refused(String why) implements Result {}
  }

  /** What the model may use. */
  List<ToolSpec> offered() {
    return List.copyOf(specs.values());
  }

  /**
   * Carries a use out.
   *
   * @param open names that the model was offered for this response
   */
  Result run(ToolUse use, Collection<String> open) {
    @Nullable ToolSpec spec = open.contains(use.tool()) ? specs.get(use.tool()) : null;
    if (spec == null) {
      return new Result.Refused(
          "there is no tool '%s'%s".formatted(use.tool(), Suggestion.forUnknown(use.tool(), open)));
    }
    List<String> problems = problems(spec, use.input());
    if (!problems.isEmpty()) {
      return new Result.Refused(
          "the input of '%s' does not fit its schema: %s"
              .formatted(use.tool(), String.join("; ", problems)));
    }
    Optional<Tool> tool = Optional.ofNullable(own.get(use.tool()));
    return tool.isPresent()
        ? new Result.ByTool(call(tool.get(), use.input()))
        : new Result.ByWorld(world.use(use));
  }

  private List<String> problems(ToolSpec spec, String input) {
    return Fault.guard(
        ExitReason.TOOL_FAILURE,
        "the schema of tool '%s' is broken: ".formatted(spec.name()),
        () -> schemas.computeIfAbsent(spec.name(), name -> InputSchema.of(spec)).problems(input));
  }

  /** A tool that answers with an error is told to the model; one that breaks is not its affair. */
  private static ToolOutput call(Tool tool, String input) {
    return Fault.guard(
        ExitReason.TOOL_FAILURE,
        "tool '%s' failed: ".formatted(tool.spec().name()),
        () -> tool.handler().call(input));
  }
}
