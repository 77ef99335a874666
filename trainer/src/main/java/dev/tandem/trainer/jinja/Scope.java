package dev.tandem.trainer.jinja;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Names and their values, in scopes one inside the other: a loop's names do not outlive it. */
final class Scope {
  private final Optional<Scope> outer;
  private final Map<String, Value> names;

  /** The scope of a whole template. */
  Scope(Map<String, Value> names) {
    this.outer = Optional.empty();
    this.names = new HashMap<>(names);
  }

  /** A scope inside another one. */
  Scope(Scope outer) {
    this.outer = Optional.of(outer);
    this.names = new HashMap<>();
  }

  void set(String name, Value value) {
    names.put(name, value);
  }

  Value get(String name) {
    Value value = names.get(name);
    if (value != null) {
      return value;
    }
    return outer.isPresent() ? outer.get().get(name) : new Value.Undefined(name);
  }
}
