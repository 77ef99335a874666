package dev.tandem.trainer.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/** What stands behind a dot or in brackets: attributes, methods, items and slices. */
final class Members {
  private static final Set<String> DICT_METHODS =
      Set.of(
          "clear",
          "copy",
          "fromkeys",
          "get",
          "items",
          "keys",
          "pop",
          "popitem",
          "setdefault",
          "update",
          "values");
  private static final Set<String> LIST_METHODS =
      Set.of(
          "append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove",
          "reverse", "sort");

  private Members() {}

  /** {@code owner.name}. */
  static Value attribute(Value owner, String name) {
    return switch (owner) {
      case Value.Mapping mapping ->
          DICT_METHODS.contains(name) ? dictMethod(mapping, name) : entry(mapping, name);
      case Value.Text text when PythonStrings.METHODS.contains(name) ->
          new Value.Callable(
              "the string method " + name, given -> PythonStrings.call(text.value(), given, name));
      case Value.Sequence _ when LIST_METHODS.contains(name) ->
          throw JinjaException.unsupported("the list method " + name);
      case Value.Namespace namespace ->
          namespace.fields().getOrDefault(name, new Value.Undefined(name));
      case Value.Undefined undefined ->
          throw new JinjaException(
              "%s is undefined, so it has no %s".formatted(undefined.what(), name));
      case Value.Text _,
          Value.Int _,
          Value.Real _,
          Value.Bool _,
          Value.None _,
          Value.Sequence _,
          Value.Callable _ ->
          new Value.Undefined(name);
    };
  }

  private static Value entry(Value.Mapping mapping, String key) {
    return mapping.entries().getOrDefault(key, new Value.Undefined(key));
  }

  private static Value dictMethod(Value.Mapping mapping, String name) {
    Map<String, Value> entries = mapping.entries();
    Value.Body body =
        switch (name) {
          case "items" ->
              given -> {
                given.allow(0);
                return Value.Sequence.list(pairs(mapping));
              };
          case "keys" ->
              given -> {
                given.allow(0);
                return Value.Sequence.list(Operators.items(mapping));
              };
          case "values" ->
              given -> {
                given.allow(0);
                return Value.Sequence.list(List.copyOf(entries.values()));
              };
          case "get" ->
              given -> {
                given.allow(2);
                Value otherwise = given.optional(1, "default").orElse(new Value.None());
                return entries.getOrDefault(given.text(0, "key"), otherwise);
              };
          default -> throw JinjaException.unsupported("the mapping method " + name);
        };
    return new Value.Callable("the mapping method " + name, body);
  }

  /** A mapping's entries as (key, value) tuples. */
  static List<Value> pairs(Value.Mapping mapping) {
    List<Value> pairs = new ArrayList<>();
    mapping
        .entries()
        .forEach(
            (key, value) -> pairs.add(Value.Sequence.tuple(List.of(new Value.Text(key), value))));
    return pairs;
  }

  /** {@code owner[key]}. */
  static Value item(Value owner, Value key) {
    return switch (owner) {
      case Value.Sequence sequence when Operators.isNumber(key) ->
          at(sequence.items(), Operators.integer(key, "an index"));
      case Value.Text text when Operators.isNumber(key) ->
          at(Operators.items(text), Operators.integer(key, "an index"));
      case Value.Mapping mapping
          when key instanceof Value.Text name && mapping.entries().containsKey(name.value()) ->
          entry(mapping, name.value());
      case Value.Undefined undefined ->
          throw new JinjaException(
              "%s is undefined, so it has no items".formatted(undefined.what()));
      default ->
          key instanceof Value.Text name
              ? attribute(owner, name.value())
              : new Value.Undefined("an item of " + owner.typeName());
    };
  }

  private static Value at(List<Value> items, long index) {
    long place = index < 0 ? index + items.size() : index;
    return place >= 0 && place < items.size()
        ? items.get((int) place)
        : new Value.Undefined("item %d of %d".formatted(index, items.size()));
  }

  /** {@code owner[start:stop:step]}. */
  static Value slice(Value owner, OptionalLong start, OptionalLong stop, OptionalLong step) {
    boolean text = owner instanceof Value.Text;
    if (!text && !(owner instanceof Value.Sequence)) {
      throw new JinjaException(owner.typeName() + " cannot be sliced");
    }
    List<Value> items = Operators.items(owner);
    long stride = step.orElse(1);
    if (stride == 0) {
      throw new JinjaException("a slice's step cannot be 0");
    }
    boolean backwards = stride < 0;
    long size = items.size();
    long lowest = backwards ? -1 : 0;
    long highest = backwards ? size - 1 : size;
    long from = start.isPresent() ? clamp(start, size, lowest, highest) : backwards ? highest : 0;
    long to = stop.isPresent() ? clamp(stop, size, lowest, highest) : backwards ? -1 : size;
    List<Value> kept = new ArrayList<>();
    for (long i = from; backwards ? i > to : i < to; i += stride) {
      kept.add(items.get((int) i));
    }
    if (!text) {
      return new Value.Sequence(kept, owner instanceof Value.Sequence all && all.tuple());
    }
    StringBuilder characters = new StringBuilder();
    kept.forEach(item -> characters.append(PythonText.of(item)));
    return new Value.Text(characters.toString());
  }

  private static long clamp(OptionalLong bound, long size, long lowest, long highest) {
    long place = bound.getAsLong() < 0 ? bound.getAsLong() + size : bound.getAsLong();
    return Math.clamp(place, lowest, highest);
  }
}
