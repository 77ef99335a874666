package dev.tandem.trainer.jinja;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The functions that every chat template can call. */
final class Builtins {
  private static final int LONGEST_RANGE = 1_000_000;

  private Builtins() {}

  /**
   * @param now what {@code strftime_now} tells
   */
  static Map<String, Value> at(LocalDateTime now) {
    Map<String, Value> names = new LinkedHashMap<>();
    define(names, "range", Builtins::range);
    define(names, "namespace", Builtins::namespace);
    define(
        names,
        "dict",
        given ->
            new Value.Mapping(
                new LinkedHashMap<>(
                    given.allow(0, given.named().keySet().toArray(String[]::new)).named())));
    define(
        names,
        "raise_exception",
        given -> {
          throw new JinjaException("the template refuses: " + given.text(0, "message"));
        });
    define(
        names, "strftime_now", given -> new Value.Text(Dates.format(now, given.text(0, "format"))));
    return names;
  }

  private static void define(
      Map<String, Value> names, String name, Function<Arguments, Value> body) {
    names.put(name, new Value.Callable(name, body::apply));
  }

  private static Value namespace(Arguments given) {
    Value.Namespace namespace = new Value.Namespace();
    for (Value source : given.positional()) {
      if (!(source instanceof Value.Mapping mapping)) {
        throw new JinjaException("namespace needs a mapping, was given " + source.typeName());
      }
      namespace.fields().putAll(mapping.entries());
    }
    namespace.fields().putAll(given.named());
    return namespace;
  }

  private static Value range(Arguments given) {
    given.allow(3);
    long first = Operators.integer(given.required(0, "stop"), "range");
    boolean bounded = given.positional().size() > 1;
    long begin = bounded ? first : 0;
    long end = bounded ? given.integer(1, "stop", 0) : first;
    long step = given.integer(2, "step", 1);
    if (step == 0) {
      throw new JinjaException("range's step cannot be 0");
    }
    List<Value> items = new ArrayList<>();
    for (long i = begin; step > 0 ? i < end : i > end; i += step) {
      if (items.size() == LONGEST_RANGE) {
        throw new JinjaException("the range has more than %d items".formatted(LONGEST_RANGE));
      }
      items.add(new Value.Int(i));
    }
    return Value.Sequence.list(items);
  }
}
