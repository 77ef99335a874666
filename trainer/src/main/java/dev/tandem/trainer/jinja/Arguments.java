package dev.tandem.trainer.jinja;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Arguments of a call, by place and by name.
 *
 * @param callee what is called, for messages
 */
record Arguments(String callee, List<Value> positional, Map<String, Value> named) {

  static Arguments none(String callee) {
    return new Arguments(callee, List.of(), Map.of());
  }

  /** Checks that there are at most so many by place and none by another name. */
  Arguments allow(int most, String... names) {
    if (positional.size() > most) {
      throw new JinjaException(
          "%s takes at most %d arguments, was given %d".formatted(callee, most, positional.size()));
    }
    String strange =
        named.keySet().stream()
            .filter(name -> !Set.of(names).contains(name))
            .collect(Collectors.joining(", "));
    if (!strange.isEmpty()) {
      throw JinjaException.unsupported("the argument %s of %s".formatted(strange, callee));
    }
    return this;
  }

  /** The argument at a place or else by its name; None counts as absent. */
  Optional<Value> optional(int place, String name) {
    Value found = place < positional.size() ? positional.get(place) : named.get(name);
    return Optional.ofNullable(found).filter(value -> !(value instanceof Value.None));
  }

  Value required(int place, String name) {
    return optional(place, name)
        .orElseThrow(() -> new JinjaException("%s needs its argument %s".formatted(callee, name)));
  }

  String text(int place, String name) {
    return text(required(place, name), name);
  }

  String text(int place, String name, String otherwise) {
    return optional(place, name).map(value -> text(value, name)).orElse(otherwise);
  }

  private String text(Value value, String name) {
    if (value instanceof Value.Text text) {
      return text.value();
    }
    throw new JinjaException(
        "the argument %s of %s must be a string, was %s".formatted(name, callee, value.typeName()));
  }

  long integer(int place, String name, long otherwise) {
    Optional<Value> value = optional(place, name);
    return value.isPresent() ? Operators.integer(value.get(), callee) : otherwise;
  }
}
