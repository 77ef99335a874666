package dev.tandem.harness.config;

import dev.tandem.harness.event.Hook;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.HarnessException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Puts the processors of one hook in the order in which they act. */
public final class ProcessorOrder {
  private ProcessorOrder() {}

  /**
   * Lower {@link ProcessorType#order} first; among equals those of the groups in {@link
   * ProcessorType#after} first; else the position in the list.
   *
   * @param types in the configuration's order
   * @return positions in {@code types}
   * @throws HarnessException when {@code after} goes round in a circle
   */
  public static List<Integer> of(Hook hook, List<ProcessorType> types) {
    List<Integer> waiting = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      if (types.get(i).hooks().contains(hook)) {
        waiting.add(i);
      }
    }
    waiting.sort(Comparator.comparingInt(i -> types.get(i).order()));
    List<Integer> ordered = new ArrayList<>();
    while (!waiting.isEmpty()) {
      Integer next =
          waiting.stream()
              .filter(candidate -> isFree(candidate, waiting, types))
              .findFirst()
              .orElseThrow(() -> new HarnessException(cycle(hook, waiting, types)));
      ordered.add(next);
      waiting.removeIf(next::equals);
    }
    return List.copyOf(ordered);
  }

  /** Whether no waiting processor of the same order must come first. */
  private static boolean isFree(int candidate, List<Integer> waiting, List<ProcessorType> types) {
    ProcessorType type = types.get(candidate);
    return waiting.stream()
        .map(types::get)
        .noneMatch(other -> other.order() == type.order() && type.after().contains(other.group()));
  }

  private static String cycle(Hook hook, List<Integer> waiting, List<ProcessorType> types) {
    int order = types.get(waiting.getFirst()).order();
    List<String> members =
        waiting.stream()
            .map(types::get)
            .filter(type -> type.order() == order)
            .map(ProcessorType::id)
            .toList();
    return "processors %s wait for each other at %s: break the circle in their 'after'"
        .formatted(members, hook.id());
  }
}
