package dev.tandem.harness.value;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A processor as a value: its type and the parameters that differ from nothing but the defaults.
 *
 * @param type a registered {@code ProcessorType.id}
 * @param parameters by name; Boolean, Integer, Double, String or a list of Strings
 */
public record ProcessorSpec(String type, SortedMap<String, Object> parameters) {
  public ProcessorSpec {
    SortedMap<String, Object> copy = new TreeMap<>(parameters);
    copy.replaceAll((name, value) -> value instanceof List<?> list ? List.copyOf(list) : value);
    parameters = Collections.unmodifiableSortedMap(copy);
  }

  public static ProcessorSpec of(String type) {
    return new ProcessorSpec(type, new TreeMap<>());
  }

  public static ProcessorSpec of(String type, Map<String, ?> parameters) {
    return new ProcessorSpec(type, new TreeMap<>(parameters));
  }

  /** The same processor with one parameter set. */
  public ProcessorSpec with(String parameter, Object value) {
    SortedMap<String, Object> changed = new TreeMap<>(parameters);
    changed.put(parameter, value);
    return new ProcessorSpec(type, changed);
  }
}
