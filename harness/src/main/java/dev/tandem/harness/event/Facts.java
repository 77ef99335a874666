package dev.tandem.harness.event;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What an environment tells beside its text: a JSON object under the schema that its family
 * declares, immutable all the way down. Values are Boolean, Integer, Long, Double, String, a List
 * of values or a Map from String to values. Keys are sorted, so that what is told of them does not
 * depend on the map that a world happened to build them in.
 *
 * <p>Every processor of a step reads the same facts, and some compare them with those of all steps
 * before: what can be derived from the tree is derived once.
 */
public final class Facts {
  /** Nothing but the text. */
  public static final Facts NONE = new Facts(Map.of());

  private final SortedMap<String, Object> tree;

  /** Both are functions of the tree: whichever thread writes them writes the same. */
  private int hash;

  private volatile @Nullable Object view;

  /**
   * @param tree the object's members
   * @throws IllegalArgumentException when a value is none of JSON's
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public Facts(Map<String, Object> tree) {
    this(members(tree));
  }

  /** Of what is sorted and immutable already. */
  private Facts(SortedMap<String, Object> tree) {
    this.tree = tree;
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
    if (!(tree.get(key) instanceof List<?> list)) {
      return List.of();
    }
    return areTexts(list)
        ? texts(list)
        : texts(list.stream().filter(String.class::isInstance).toList());
  }

  /** A number; empty when there is no such member or it is none. */
  public Optional<Number> number(String key) {
    return tree.get(key) instanceof Number number ? Optional.of(number) : Optional.empty();
  }

  /** An object; empty when there is no such member or it is none. */
  public Optional<Facts> object(String key) {
    return tree.get(key) instanceof SortedMap<?, ?> map ? Optional.of(part(map)) : Optional.empty();
  }

  /**
   * The facts as their family's own record. It is read once and kept.
   *
   * @param reader a function of the facts alone
   */
  public <T> T as(Class<T> type, Function<Facts, T> reader) {
    Object kept = view;
    if (type.isInstance(kept)) {
      return type.cast(kept);
    }
    T read = reader.apply(this);
    view = read;
    return read;
  }

  /** The tree itself, for JSON. */
  @JsonValue
  public Map<String, Object> tree() {
    return tree;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof Facts facts
            && hashCode() == facts.hashCode()
            && tree.equals(facts.tree));
  }

  @Override
  public int hashCode() {
    if (hash == 0) {
      hash = tree.hashCode();
    }
    return hash;
  }

  @Override
  public String toString() {
    return tree.toString();
  }

  @SuppressWarnings("unchecked") // the members of a tree are trees with String keys
  private static Facts part(SortedMap<?, ?> map) {
    return new Facts((SortedMap<String, Object>) map);
  }

  private static boolean areTexts(List<?> list) {
    for (Object one : list) {
      if (!(one instanceof String)) {
        return false;
      }
    }
    return true;
  }

  @SuppressWarnings("unchecked") // of texts alone
  private static List<String> texts(List<?> list) {
    return (List<String>) list;
  }

  private static SortedMap<String, Object> members(Map<?, ?> given) {
    SortedMap<String, Object> copy = new TreeMap<>();
    given.forEach((key, value) -> copy.put(String.valueOf(key), checked(key, value)));
    return Collections.unmodifiableSortedMap(copy);
  }

  private static Object checked(Object key, Object value) {
    return switch (value) {
      case String _, Boolean _, Integer _, Long _, Double _ -> value;
      case List<?> list when areTexts(list) -> List.copyOf(list);
      case List<?> list -> list.stream().map(one -> checked(key, one)).toList();
      case Map<?, ?> map -> members(map);
      default ->
          throw new IllegalArgumentException(
              "the fact '%s' must be true, false, a number, text, a list or an object of these, was %s"
                  .formatted(key, value.getClass().getSimpleName()));
    };
  }
}
