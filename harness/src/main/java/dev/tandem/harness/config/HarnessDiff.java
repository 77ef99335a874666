package dev.tandem.harness.config;

import dev.tandem.harness.event.Hook;
import dev.tandem.harness.value.Parameter;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.harness.value.Slots;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Compares the behaviour of two valid harnesses. */
final class HarnessDiff {
  private HarnessDiff() {}

  static List<HarnessChange> between(
      HarnessConfig before, HarnessConfig after, ProcessorRegistry registry) {
    List<HarnessChange> changes = new ArrayList<>();
    SequencedMap<String, ProcessorSpec> old = byName(before, registry);
    SequencedMap<String, ProcessorSpec> current = byName(after, registry);
    old.forEach(
        (name, spec) -> {
          if (!isSameType(spec, current.get(name))) {
            changes.add(new HarnessChange.Removed(spec));
          }
        });
    int position = 0;
    for (Map.Entry<String, ProcessorSpec> entry : current.entrySet()) {
      ProcessorSpec was = old.get(entry.getKey());
      if (was == null || !isSameType(entry.getValue(), was)) {
        changes.add(new HarnessChange.Added(entry.getValue(), position));
      } else {
        compareParameters(entry.getKey(), was, entry.getValue(), changes);
      }
      position++;
    }
    List<String> oldOrder = old.keySet().stream().filter(current::containsKey).toList();
    List<String> newOrder = current.keySet().stream().filter(old::containsKey).toList();
    if (!alike(CanonicalOrder.chains(before, registry), CanonicalOrder.chains(after, registry))) {
      compareOrder(oldOrder, newOrder, changes);
    }
    compareSlots(before, after, changes);
    return List.copyOf(changes);
  }

  private static boolean isSameType(ProcessorSpec spec, @Nullable ProcessorSpec other) {
    return other != null && other.type().equals(spec.type());
  }

  private static void compareParameters(
      String name, ProcessorSpec before, ProcessorSpec after, List<HarnessChange> changes) {
    after
        .parameters()
        .forEach(
            (parameter, now) -> {
              // Both are complete, so the other has the parameter, too.
              Object was = Objects.requireNonNull(before.parameters().get(parameter));
              if (!now.equals(was)) {
                changes.add(new HarnessChange.Reparametrised(name, parameter, was, now));
              }
            });
  }

  /** Whether what is in both acts in the same order at every hook. */
  private static boolean alike(Map<Hook, List<String>> before, Map<Hook, List<String>> after) {
    for (Hook hook : Hook.values()) {
      List<String> was = new ArrayList<>(before.getOrDefault(hook, List.of()));
      List<String> now = new ArrayList<>(after.getOrDefault(hook, List.of()));
      was.retainAll(after.getOrDefault(hook, List.of()));
      now.retainAll(before.getOrDefault(hook, List.of()));
      if (!was.equals(now)) {
        return false;
      }
    }
    return true;
  }

  /** As few moves as explain the new order: all but a longest run that kept its order. */
  private static void compareOrder(
      List<String> before, List<String> after, List<HarnessChange> changes) {
    if (before.equals(after)) {
      return;
    }
    int[] ranks = after.stream().mapToInt(before::indexOf).toArray();
    Set<Integer> kept = longestIncreasing(ranks);
    for (int i = 0; i < ranks.length; i++) {
      if (!kept.contains(i)) {
        changes.add(new HarnessChange.Moved(after.get(i), ranks[i], i));
      }
    }
  }

  /** Positions of a longest increasing subsequence; quadratic, for lists of tens. */
  private static Set<Integer> longestIncreasing(int[] values) {
    int[] length = new int[values.length];
    int[] previous = new int[values.length];
    int last = 0;
    for (int i = 0; i < values.length; i++) {
      length[i] = 1;
      previous[i] = -1;
      for (int j = 0; j < i; j++) {
        if (values[j] < values[i] && length[j] + 1 > length[i]) {
          length[i] = length[j] + 1;
          previous[i] = j;
        }
      }
      if (length[i] > length[last]) {
        last = i;
      }
    }
    Set<Integer> positions = new HashSet<>();
    for (int i = last; i >= 0; i = previous[i]) {
      positions.add(i);
    }
    return positions;
  }

  private static void compareSlots(
      HarnessConfig before, HarnessConfig after, List<HarnessChange> changes) {
    SortedMap<String, Object> old = before.behaviouralSlots();
    SortedMap<String, Object> current = after.behaviouralSlots();
    for (Parameter slot : Slots.PARAMETERS) {
      Object was = old.getOrDefault(slot.name(), slot.defaultValue());
      Object now = current.getOrDefault(slot.name(), slot.defaultValue());
      if (!was.equals(now)) {
        changes.add(new HarnessChange.Equipped(slot.name(), was, now));
      }
    }
  }

  private static SequencedMap<String, ProcessorSpec> byName(
      HarnessConfig config, ProcessorRegistry registry) {
    SequencedMap<String, ProcessorSpec> byName = new LinkedHashMap<>();
    config.behaviour(registry).forEach(spec -> byName.put(registry.resolve(spec).id(), spec));
    return byName;
  }
}
