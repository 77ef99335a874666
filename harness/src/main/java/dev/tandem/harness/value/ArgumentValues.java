package dev.tandem.harness.value;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Arguments from a map.
 *
 * @param owner whose they are, for messages
 * @param values complete and checked
 */
public record ArgumentValues(String owner, Map<String, Object> values) implements Arguments {
  /**
   * What is given, checked and completed.
   *
   * @param owner whose parameters they are, such as {@code environment 'house'}
   * @throws HarnessException with everything that is wrong
   */
  public static ArgumentValues of(
      String owner, List<Parameter> declared, Map<String, Object> given) {
    List<String> names = declared.stream().map(Parameter::name).toList();
    List<String> problems = new ArrayList<>();
    given
        .keySet()
        .forEach(
            name -> {
              if (!names.contains(name)) {
                problems.add(
                    "unknown parameter '%s' of %s%s"
                        .formatted(name, owner, Suggestion.forUnknown(name, names)));
              }
            });
    SortedMap<String, Object> values = new TreeMap<>();
    for (Parameter parameter : declared) {
      Object value = given.getOrDefault(parameter.name(), parameter.defaultValue());
      Optional<String> problem = parameter.problem(value);
      problem.ifPresent(text -> problems.add(owner + ": " + text));
      if (problem.isEmpty()) {
        values.put(parameter.name(), parameter.canonical(value));
      }
    }
    HarnessException.throwIfAny(problems);
    return new ArgumentValues(owner, values);
  }

  @Override
  public boolean flag(String name) {
    return value(name, Boolean.class);
  }

  @Override
  public int count(String name) {
    return value(name, Integer.class);
  }

  @Override
  public double number(String name) {
    return value(name, Double.class);
  }

  @Override
  public String text(String name) {
    return value(name, String.class);
  }

  @Override
  public List<String> texts(String name) {
    return ((List<?>) value(name, List.class)).stream().map(String.class::cast).toList();
  }

  private <T> T value(String name, Class<T> kind) {
    Object value = values.get(name);
    if (!kind.isInstance(value)) {
      throw new IllegalArgumentException(
          "%s declares no %s parameter '%s': it must not read one"
              .formatted(owner, kind.getSimpleName(), name));
    }
    return kind.cast(value);
  }
}
