package dev.tandem.harness.value;

import java.util.List;

/**
 * What a configuration says for declared {@link Parameter}s: complete with defaults and checked
 * against their ranges.
 */
public interface Arguments {
  /** A {@link Parameter.Flag}. */
  boolean flag(String name);

  /** A {@link Parameter.Count}. */
  int count(String name);

  /** A {@link Parameter.Decimal}. */
  double number(String name);

  /** A {@link Parameter.Choice}, {@link Parameter.Text} or {@link Parameter.Label}. */
  String text(String name);

  /** A {@link Parameter.Texts}. */
  List<String> texts(String name);
}
