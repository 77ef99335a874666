package dev.tandem.harness.value;

import java.util.List;
import java.util.Optional;

/**
 * A typed processor parameter with its range: what configuration files are checked against and what
 * evolution may turn.
 */
public sealed interface Parameter {
  String name();

  /** The value when a configuration does not give one. */
  Object defaultValue();

  /** The values it takes, for people, such as {@code a whole number from 0 to 50}. */
  String range();

  /** Whether a configuration may give this value. */
  boolean admits(Object value);

  /** An admitted value in the one form that is hashed, such as 1.0 for the decimal number 1. */
  default Object canonical(Object value) {
    return value;
  }

  /**
   * Whether the value bears on what the agent does. What does not, such as a path or a title, is
   * left out of the content hash.
   */
  default boolean behavioural() {
    return true;
  }

  /** What is wrong with a value, naming value, parameter and range; empty when it is fine. */
  default Optional<String> problem(Object value) {
    return admits(value)
        ? Optional.empty()
        : Optional.of("%s must be %s, was %s".formatted(name(), range(), shown(value)));
  }

  private static String shown(Object value) {
    return value instanceof String text ? "'" + text + "'" : String.valueOf(value);
  }

  /** True or false. */
  record Flag(String name, boolean byDefault) implements Parameter {
    @Override
    public Object defaultValue() {
      return byDefault;
    }

    @Override
    public String range() {
      return "true or false";
    }

    @Override
    public boolean admits(Object value) {
      return value instanceof Boolean;
    }
  }

  /** A whole number in [minimum, maximum]. */
  record Count(String name, int byDefault, int minimum, int maximum) implements Parameter {
    public Count {
      if (byDefault < minimum || byDefault > maximum) {
        throw new IllegalArgumentException(
            "the default of %s must be from %d to %d, was %d"
                .formatted(name, minimum, maximum, byDefault));
      }
    }

    @Override
    public Object defaultValue() {
      return byDefault;
    }

    @Override
    public String range() {
      return "a whole number from " + minimum + " to " + maximum;
    }

    @Override
    public boolean admits(Object value) {
      return value instanceof Integer count && count >= minimum && count <= maximum;
    }
  }

  /** A decimal number in [minimum, maximum]. */
  record Decimal(String name, double byDefault, double minimum, double maximum)
      implements Parameter {
    public Decimal {
      if (!(byDefault >= minimum && byDefault <= maximum)) {
        throw new IllegalArgumentException(
            "the default of %s must be from %s to %s, was %s"
                .formatted(name, minimum, maximum, byDefault));
      }
    }

    @Override
    public Object defaultValue() {
      return byDefault;
    }

    @Override
    public String range() {
      return "a number from " + minimum + " to " + maximum;
    }

    @Override
    public boolean admits(Object value) {
      return (value instanceof Double || value instanceof Integer)
          && ((Number) value).doubleValue() >= minimum
          && ((Number) value).doubleValue() <= maximum;
    }

    @Override
    public Object canonical(Object value) {
      return ((Number) value).doubleValue() + 0.0; // so that -0.0 is 0.0
    }
  }

  /** One of a few words. */
  record Choice(String name, String byDefault, List<String> options) implements Parameter {
    public Choice {
      options = List.copyOf(options);
      if (!options.contains(byDefault)) {
        throw new IllegalArgumentException(
            "the default of %s must be one of %s, was '%s'".formatted(name, options, byDefault));
      }
    }

    @Override
    public Object defaultValue() {
      return byDefault;
    }

    @Override
    public String range() {
      return "one of " + options;
    }

    @Override
    public boolean admits(Object value) {
      return value instanceof String word && options.contains(word);
    }
  }

  /** Free text. */
  record Text(String name, String byDefault) implements Parameter {
    @Override
    public Object defaultValue() {
      return byDefault;
    }

    @Override
    public String range() {
      return "text";
    }

    @Override
    public boolean admits(Object value) {
      return value instanceof String;
    }
  }

  /** A list of texts. */
  record Texts(String name, List<String> byDefault) implements Parameter {
    public Texts {
      byDefault = List.copyOf(byDefault);
    }

    @Override
    public Object defaultValue() {
      return byDefault;
    }

    @Override
    public String range() {
      return "a list of texts";
    }

    @Override
    public boolean admits(Object value) {
      return value instanceof List<?> list && list.stream().allMatch(String.class::isInstance);
    }
  }

  /** Text that does not bear on behaviour and is not part of the hash: a path, a title. */
  record Label(String name, String byDefault) implements Parameter {
    @Override
    public Object defaultValue() {
      return byDefault;
    }

    @Override
    public String range() {
      return "text";
    }

    @Override
    public boolean admits(Object value) {
      return value instanceof String;
    }

    @Override
    public boolean behavioural() {
      return false;
    }
  }
}
