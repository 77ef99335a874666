package dev.tandem.trainer.recipe;

/** Range checks whose message names the key, its range and the value. */
final class Require {
  private Require() {}

  static void atLeast(String key, long value, long minimum) {
    if (value < minimum) {
      throw new IllegalArgumentException(
          "%s must be at least %d, was %d".formatted(key, minimum, value));
    }
  }

  static void within(String key, double value, double minimum, double maximum) {
    if (!(value >= minimum && value <= maximum)) {
      throw new IllegalArgumentException(
          "%s must be in [%s, %s], was %s".formatted(key, minimum, maximum, value));
    }
  }
}
