package dev.tandem.trainer.jinja;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What an expression comes to: the Python values that a template can see. */
sealed interface Value {

  record Text(String value) implements Value {}

  record Int(long value) implements Value {}

  record Real(double value) implements Value {}

  record Bool(boolean value) implements Value {}

  /** Python's None, which is defined, unlike {@link Undefined}. */
  record None() implements Value {}

  /**
   * What is not there: prints as nothing, is false, has no items; anything else with it is an
   * error.
   *
   * @param what how the template called it
   */
  record Undefined(String what) implements Value {}

  /**
   * A list or a tuple; they differ in how they print and are never equal.
   *
   * @param tuple whether it is a tuple
   */
  record Sequence(List<Value> items, boolean tuple) implements Value {
    static Sequence list(List<? extends Value> items) {
      return new Sequence(List.copyOf(items), false);
    }

    static Sequence tuple(List<? extends Value> items) {
      return new Sequence(List.copyOf(items), true);
    }
  }

  /** A dict in the order in which its entries were written; keys are strings, as in JSON. */
  record Mapping(Map<String, Value> entries) implements Value {}

  /** What {@code namespace()} makes: the one value that a template can change. */
  final class Namespace implements Value {
    private final Map<String, Value> fields = new LinkedHashMap<>();

    Map<String, Value> fields() {
      return fields;
    }
  }

  /** Something to call: a function, a macro, or a method bound to its value. */
  record Callable(String name, Body body) implements Value {}

  /** What a {@link Callable} does. */
  @FunctionalInterface
  interface Body {
    Value call(Arguments arguments);
  }

  static Value of(boolean value) {
    return new Bool(value);
  }

  /** Whether Python takes it for true. */
  default boolean isTrue() {
    return switch (this) {
      case Text text -> !text.value().isEmpty();
      case Int number -> number.value() != 0;
      case Real number -> number.value() != 0;
      case Bool bool -> bool.value();
      case None _, Undefined _ -> false;
      case Sequence sequence -> !sequence.items().isEmpty();
      case Mapping mapping -> !mapping.entries().isEmpty();
      case Namespace _, Callable _ -> true;
    };
  }

  /** Its type as messages name it. */
  default String typeName() {
    return switch (this) {
      case Text _ -> "a string";
      case Int _ -> "an integer";
      case Real _ -> "a float";
      case Bool _ -> "a boolean";
      case None _ -> "None";
      case Undefined undefined -> "undefined (" + undefined.what() + ")";
      case Sequence sequence -> sequence.tuple() ? "a tuple" : "a list";
      case Mapping _ -> "a mapping";
      case Namespace _ -> "a namespace";
      case Callable callable -> "the function " + callable.name();
    };
  }
}
