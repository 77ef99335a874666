package dev.tandem.harness.config;

import dev.tandem.harness.event.Hook;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The order of a configuration's processors as far as it is behaviour: who acts before whom at a
 * hook. Where two processors share no hook, their places in the list mean nothing, so the canonical
 * list takes the smaller name first wherever the chains leave a choice.
 *
 * @param processors those that act, complete
 * @param chains names by hook, where they contradict each other so that no list says it all; else
 *     empty
 */
record CanonicalOrder(List<ProcessorSpec> processors, SortedMap<String, List<String>> chains) {
  CanonicalOrder {
    processors = List.copyOf(processors);
    chains = Collections.unmodifiableSortedMap(new TreeMap<>(chains));
  }

  /**
   * @throws HarnessException when the configuration is not valid
   */
  static CanonicalOrder of(HarnessConfig config, ProcessorRegistry registry) {
    SortedMap<String, ProcessorSpec> waiting = new TreeMap<>();
    config.behaviour(registry).forEach(spec -> waiting.put(registry.resolve(spec).id(), spec));
    Map<Hook, List<String>> chains = chains(config, registry);
    Map<Hook, List<String>> left = new EnumMap<>(Hook.class);
    chains.forEach((hook, names) -> left.put(hook, new ArrayList<>(names)));
    List<ProcessorSpec> ordered = new ArrayList<>(waiting.size());
    boolean contradictory = false;
    while (!waiting.isEmpty()) {
      String next = waiting.firstKey();
      boolean free = false;
      for (String name : waiting.keySet()) {
        if (left.values().stream().allMatch(chain -> chain.indexOf(name) <= 0)) {
          next = name;
          free = true;
          break;
        }
      }
      contradictory |= !free;
      ordered.add(waiting.remove(next));
      for (List<String> chain : left.values()) {
        chain.remove(next);
      }
    }
    SortedMap<String, List<String>> spelled = new TreeMap<>();
    if (contradictory) {
      chains.forEach((hook, names) -> spelled.put(hook.id(), names));
    }
    return new CanonicalOrder(ordered, spelled);
  }

  /**
   * The names of the processors that act, in order, by hook. Where the order goes round in a
   * circle, so that nothing can run, the list's order stands for it.
   */
  static Map<Hook, List<String>> chains(HarnessConfig config, ProcessorRegistry registry) {
    List<ProcessorType> types = config.processors().stream().map(registry::resolve).toList();
    Map<Hook, List<String>> chains = new EnumMap<>(Hook.class);
    for (Hook hook : Hook.values()) {
      List<ProcessorType> chain;
      try {
        chain = ProcessorOrder.of(hook, types).stream().map(types::get).toList();
      } catch (HarnessException e) {
        chain = types.stream().filter(type -> type.hooks().contains(hook)).toList();
      }
      chains.put(
          hook,
          chain.stream()
              .filter(type -> !type.dimension().observes())
              .map(ProcessorType::id)
              .toList());
    }
    return chains;
  }
}
