package dev.tandem.trainer.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Jinja2's filters. */
final class Filters {
  private Filters() {}

  static Value apply(String name, Value input, Arguments given) {
    return switch (name) {
      case "tojson" -> PythonJson.filter(input, given);
      case "trim" ->
          given.allow(1, "chars").optional(0, "chars").isPresent()
              ? PythonStrings.call(PythonText.of(input), given, "strip")
              : new Value.Text(
                  PythonStrings.strip(PythonText.of(input), PythonStrings::isSpace, true, true));
      case "length", "count" -> new Value.Int(length(input));
      case "default", "d" -> otherwise(input, given);
      case "string", "safe" -> {
        given.allow(0);
        yield new Value.Text(PythonText.of(input));
      }
      case "upper" -> text(given.allow(0), PythonText.of(input).toUpperCase(Locale.ROOT));
      case "lower" -> text(given.allow(0), PythonText.of(input).toLowerCase(Locale.ROOT));
      case "capitalize" -> text(given.allow(0), PythonStrings.capitalize(PythonText.of(input)));
      case "replace" ->
          new Value.Text(
              PythonStrings.replace(
                  PythonText.of(input),
                  given.allow(3).text(0, "old"),
                  given.text(1, "new"),
                  given.integer(2, "count", -1)));
      case "join" -> join(input, given);
      case "indent" -> indent(PythonText.of(input), given);
      case "int" -> integer(input, given);
      case "abs" -> {
        given.allow(0);
        yield Operators.order(input, new Value.Int(0)) < 0 ? Operators.sign(true, input) : input;
      }
      case "list" -> list(given.allow(0), Operators.items(input));
      case "first" -> end(given.allow(0), Operators.items(input), true);
      case "last" -> end(given.allow(0), Operators.items(input), false);
      case "reverse" ->
          input instanceof Value.Text text
              ? text(given.allow(0), new StringBuilder(text.value()).reverse().toString())
              : list(given.allow(0), Operators.items(input).reversed());
      case "items" -> pairs(input, given, false);
      case "dictsort" -> pairs(input, given, true);
      case "map" -> map(input, given);
      case "select" -> Value.Sequence.list(kept(input, tested(given, 0)));
      case "reject" -> Value.Sequence.list(kept(input, tested(given, 0).negate()));
      case "selectattr" -> Value.Sequence.list(kept(input, byAttribute(given)));
      case "rejectattr" -> Value.Sequence.list(kept(input, byAttribute(given).negate()));
      case "unique" -> unique(input, given);
      default -> throw JinjaException.unsupported("the filter " + name);
    };
  }

  /** A text that was made after a check of the arguments. */
  private static Value text(Arguments checked, String text) {
    checked.allow(0);
    return new Value.Text(text);
  }

  private static Value list(Arguments checked, List<Value> items) {
    checked.allow(0);
    return Value.Sequence.list(items);
  }

  private static Value end(Arguments checked, List<Value> items, boolean first) {
    checked.allow(0);
    if (items.isEmpty()) {
      return new Value.Undefined("an item of an empty list");
    }
    return first ? items.getFirst() : items.getLast();
  }

  static long length(Value input) {
    return switch (input) {
      case Value.Text text -> text.value().codePointCount(0, text.value().length());
      case Value.Sequence sequence -> sequence.items().size();
      case Value.Mapping mapping -> mapping.entries().size();
      case Value.Undefined _ -> 0;
      case Value.Int _,
          Value.Real _,
          Value.Bool _,
          Value.None _,
          Value.Namespace _,
          Value.Callable _ ->
          throw new JinjaException(input.typeName() + " has no length");
    };
  }

  private static Value otherwise(Value input, Arguments given) {
    given.allow(2, "default_value", "boolean");
    boolean falseToo = given.optional(1, "boolean").map(Value::isTrue).orElse(false);
    if (!(input instanceof Value.Undefined) && (!falseToo || input.isTrue())) {
      return input;
    }
    return given.positional().isEmpty() && !given.named().containsKey("default_value")
        ? new Value.Text("")
        : given.optional(0, "default_value").orElse(new Value.None());
  }

  private static Value join(Value input, Arguments given) {
    given.allow(2, "d", "attribute");
    String separator = given.text(0, "d", "");
    String attribute = given.text(1, "attribute", "");
    return new Value.Text(
        Operators.items(input).stream()
            .map(item -> attribute.isEmpty() ? item : path(item, attribute))
            .map(PythonText::of)
            .collect(Collectors.joining(separator)));
  }

  private static Value indent(String text, Arguments given) {
    given.allow(3, "width", "first", "blank");
    Value width = given.optional(0, "width").orElse(new Value.Int(4));
    String margin =
        width instanceof Value.Text written
            ? written.value()
            : " ".repeat(Math.clamp(Operators.integer(width, "indent"), 0, 1024));
    boolean first = given.optional(1, "first").map(Value::isTrue).orElse(false);
    boolean blank = given.optional(2, "blank").map(Value::isTrue).orElse(false);
    String[] lines = text.split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      if (i == 0 ? first : blank || !lines[i].isEmpty()) {
        lines[i] = margin + lines[i];
      }
    }
    return new Value.Text(String.join("\n", lines));
  }

  private static Value integer(Value input, Arguments given) {
    given.allow(1, "default");
    if (Operators.isNumber(input)) {
      return new Value.Int(
          input instanceof Value.Real number
              ? (long) number.value()
              : Operators.integer(input, "int"));
    }
    try {
      return new Value.Int(Long.parseLong(PythonText.of(input).strip()));
    } catch (NumberFormatException e) {
      return new Value.Int(given.integer(0, "default", 0));
    }
  }

  private static Value pairs(Value input, Arguments given, boolean sorted) {
    given.allow(0);
    if (input instanceof Value.Undefined && !sorted) {
      return Value.Sequence.list(List.of());
    }
    if (!(input instanceof Value.Mapping mapping)) {
      throw new JinjaException(
          "%s needs a mapping, was given %s".formatted(given.callee(), input.typeName()));
    }
    if (!sorted) {
      return Value.Sequence.list(Members.pairs(mapping));
    }
    List<Map.Entry<String, Value>> entries = new ArrayList<>(mapping.entries().entrySet());
    // Jinja2 sorts without regard to case unless told otherwise; equal keys keep their order.
    entries.sort(
        (a, b) ->
            PythonStrings.compare(
                a.getKey().toLowerCase(Locale.ROOT), b.getKey().toLowerCase(Locale.ROOT)));
    Map<String, Value> ordered = new LinkedHashMap<>();
    entries.forEach(entry -> ordered.put(entry.getKey(), entry.getValue()));
    return Value.Sequence.list(Members.pairs(new Value.Mapping(ordered)));
  }

  private static Value map(Value input, Arguments given) {
    given.allow(Integer.MAX_VALUE, "attribute", "default");
    List<Value> mapped = new ArrayList<>();
    for (Value item : Operators.items(input)) {
      if (given.named().containsKey("attribute")) {
        Value found = path(item, given.text(Integer.MAX_VALUE, "attribute"));
        mapped.add(
            found instanceof Value.Undefined
                ? given.named().getOrDefault("default", found)
                : found);
      } else {
        String filter = given.text(0, "filter");
        List<Value> rest = given.positional().subList(1, given.positional().size());
        mapped.add(apply(filter, item, new Arguments("the filter " + filter, rest, Map.of())));
      }
    }
    return Value.Sequence.list(mapped);
  }

  /** An attribute of an attribute, with dots between them. */
  private static Value path(Value item, String attribute) {
    Value found = item;
    for (String name : attribute.split("\\.", -1)) {
      found =
          name.matches("\\d+")
              ? Members.item(found, new Value.Int(Long.parseLong(name)))
              : Members.item(found, new Value.Text(name));
    }
    return found;
  }

  private static List<Value> kept(Value input, Predicate<Value> condition) {
    return Operators.items(input).stream().filter(condition).toList();
  }

  /** The test that stands at a place among the arguments, its own arguments behind it. */
  private static Predicate<Value> tested(Arguments given, int place) {
    given.allow(Integer.MAX_VALUE);
    if (given.positional().size() <= place) {
      return Value::isTrue;
    }
    String test = given.text(place, "test");
    Arguments rest =
        new Arguments(
            "the test " + test,
            given.positional().subList(place + 1, given.positional().size()),
            Map.of());
    return item -> ValueTests.holds(test, item, rest);
  }

  private static Predicate<Value> byAttribute(Arguments given) {
    String attribute = given.text(0, "attribute");
    Predicate<Value> test = tested(given, 1);
    return item -> test.test(path(item, attribute));
  }

  private static Value unique(Value input, Arguments given) {
    given.allow(0);
    List<Value> seen = new ArrayList<>();
    for (Value item : Operators.items(input)) {
      Value folded =
          item instanceof Value.Text text
              ? new Value.Text(text.value().toLowerCase(Locale.ROOT))
              : item;
      if (seen.stream()
          .noneMatch(
              other ->
                  Operators.equal(
                      other instanceof Value.Text text
                          ? new Value.Text(text.value().toLowerCase(Locale.ROOT))
                          : other,
                      folded))) {
        seen.add(item);
      }
    }
    return Value.Sequence.list(seen);
  }
}
