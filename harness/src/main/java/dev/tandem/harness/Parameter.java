package dev.tandem.harness;

import java.util.List;

/**
 * A typed processor parameter with its range: what configuration files are checked against and what
 * evolution may turn.
 */
public sealed interface Parameter {
  String name();

  /** The value when a configuration does not give one. */
  Object defaultValue();

  /** True or false. */
  record Flag(String name, boolean byDefault) implements Parameter {
    @Override
    public Object defaultValue() {
      return byDefault;
    }
  }

  /** A whole number in [minimum, maximum]. */
  record Count(String name, int byDefault, int minimum, int maximum) implements Parameter {
    @Override
    public Object defaultValue() {
      return byDefault;
    }
  }

  /** One of a few words. */
  record Choice(String name, String byDefault, List<String> options) implements Parameter {
    public Choice {
      options = List.copyOf(options);
    }

    @Override
    public Object defaultValue() {
      return byDefault;
    }
  }

  /** Free text. */
  record Text(String name, String byDefault) implements Parameter {
    @Override
    public Object defaultValue() {
      return byDefault;
    }
  }
}
