package dev.tandem.harness.event;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What an environment tells beside its text: a JSON object under the schema that its family
 * declares, immutable all the way down. Values are Boolean, Integer, Long, Double, String, a List
 * of values or a Map from String to values. Keys are sorted, so that what is told of them does not
 * depend on the map that a world happened to build them in.
 *
 * @param tree the object's members
 */
public record Facts(Map<String, Object> tree) {
  /** Nothing but the text. */
  public static final Facts NONE = new Facts(Map.of());

  /**
   * @throws IllegalArgumentException when a value is none of JSON's
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public Facts {
    tree = members(tree);
  }

  public boolean isEmpty() {
    return tree.isEmpty();
  }

  /** A text; empty when there is no such member or it is none. */
  public Optional<String> text(String key) {
    return tree.get(key) instanceof String text ? Optional.of(text) : Optional.empty();
  }

  /** A list's texts; empty when there is no such member or it is no list. */
  public List<String> texts(String key) {
    return tree.get(key) instanceof List<?> list
        ? list.stream().filter(String.class::isInstance).map(String.class::cast).toList()
        : List.of();
  }

  /** A number; empty when there is no such member or it is none. */
  public Optional<Number> number(String key) {
    return tree.get(key) instanceof Number number ? Optional.of(number) : Optional.empty();
  }

  /** An object; empty when there is no such member or it is none. */
  public Optional<Facts> object(String key) {
    return tree.get(key) instanceof Map<?, ?> map ? Optional.of(facts(map)) : Optional.empty();
  }

  /** The tree itself, for JSON. */
  @JsonValue
  @Override
  public Map<String, Object> tree() {
    return tree;
  }

  @SuppressWarnings("unchecked") // the members of a tree are trees with String keys
  private static Facts facts(Map<?, ?> map) {
    return new Facts((Map<String, Object>) map);
  }

  private static Map<String, Object> members(Map<String, ?> given) {
    Map<String, Object> copy = new TreeMap<>();
    given.forEach((key, value) -> copy.put(key, checked(key, value)));
    return Collections.unmodifiableMap(copy);
  }

  private static Object checked(String key, Object value) {
    return switch (value) {
      case String _, Boolean _, Integer _, Long _, Double _ -> value;
      case List<?> list -> {
        List<Object> copy = new ArrayList<>(list.size());
        list.forEach(one -> copy.add(checked(key, one)));
        yield Collections.unmodifiableList(copy);
      }
      case Map<?, ?> map -> {
        Map<String, Object> copy = new TreeMap<>();
        map.forEach((name, one) -> copy.put(String.valueOf(name), checked(key, one)));
        yield members(copy);
      }
      default ->
          throw new IllegalArgumentException(
              "the fact '%s' must be true, false, a number, text, a list or an object of these, was %s"
                  .formatted(key, value.getClass().getSimpleName()));
    };
  }
}
