package dev.tandem.harness.tool;

import dev.tandem.harness.value.ContentHash;
import dev.tandem.harness.value.Identified;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** The tools that a harness brings along: a value, never changed in place. */
public final class ToolRegistry implements Identified {
  /** No tools. */
  public static final ToolRegistry EMPTY = new ToolRegistry(List.of());

  private final SequencedMap<String, Tool> tools;

  /**
   * @throws IllegalArgumentException when two tools share a name
   */
  public ToolRegistry(Collection<Tool> tools) {
    SequencedMap<String, Tool> byName = new LinkedHashMap<>();
    for (Tool tool : tools) {
      if (byName.put(tool.spec().name(), tool) != null) {
        throw new IllegalArgumentException(
            "tool names must be unique, '%s' was given twice: rename one"
                .formatted(tool.spec().name()));
      }
    }
    this.tools = Collections.unmodifiableSequencedMap(byName);
  }

  /** This registry and more tools. */
  public ToolRegistry with(Collection<Tool> more) {
    List<Tool> all = new ArrayList<>(tools.values());
    all.addAll(more);
    return new ToolRegistry(all);
  }

  public Optional<Tool> find(String name) {
    return Optional.ofNullable(tools.get(name));
  }

  /** What the model is told of the tools, in their order, and their versions. */
  @Override
  public String contentHash() {
    return ContentHash.of(
        tools.values().stream()
            .map(
                tool ->
                    List.of(
                        tool.spec().name(),
                        tool.spec().description(),
                        tool.spec().inputSchema(),
                        tool.version()))
            .toList());
  }

  /** Every tool, in the order of registration. */
  public List<Tool> tools() {
    return List.copyOf(tools.values());
  }
}
