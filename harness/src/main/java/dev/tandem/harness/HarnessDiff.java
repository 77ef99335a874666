package dev.tandem.harness;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** Compares two valid harnesses whose parameters are all written out. */
final class HarnessDiff {
  private HarnessDiff() {}

  static List<String> between(List<ProcessorSpec> before, List<ProcessorSpec> after) {
    SequencedMap<String, ProcessorSpec> old = byType(before);
    SequencedMap<String, ProcessorSpec> current = byType(after);
    List<String> lines = new ArrayList<>();
    old.forEach(
        (type, spec) -> {
          if (!current.containsKey(type)) {
            lines.add("removed " + HarnessEdits.describe(spec));
          }
        });
    current.forEach(
        (type, spec) -> {
          ProcessorSpec was = old.get(type);
          if (was == null) {
            lines.add(
                "added %s at position %d"
                    .formatted(HarnessEdits.describe(spec), after.indexOf(spec) + 1));
          } else {
            compareParameters(was, spec, lines);
          }
        });
    List<String> oldOrder = old.keySet().stream().filter(current::containsKey).toList();
    List<String> newOrder = current.keySet().stream().filter(old::containsKey).toList();
    if (!oldOrder.equals(newOrder)) {
      lines.add("reordered " + oldOrder + " to " + newOrder);
    }
    return List.copyOf(lines);
  }

  private static void compareParameters(
      ProcessorSpec before, ProcessorSpec after, List<String> lines) {
    for (Map.Entry<String, Object> parameter : after.parameters().entrySet()) {
      Object was = before.parameters().get(parameter.getKey());
      if (!parameter.getValue().equals(was)) {
        lines.add(
            "%s: %s from %s to %s"
                .formatted(
                    after.type(),
                    parameter.getKey(),
                    HarnessEdits.shown(was),
                    HarnessEdits.shown(parameter.getValue())));
      }
    }
  }

  private static SequencedMap<String, ProcessorSpec> byType(List<ProcessorSpec> processors) {
    SequencedMap<String, ProcessorSpec> byType = new LinkedHashMap<>();
    processors.forEach(spec -> byType.put(spec.type(), spec));
    return byType;
  }
}
