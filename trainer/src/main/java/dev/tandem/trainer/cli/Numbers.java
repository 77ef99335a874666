package dev.tandem.trainer.cli;

/** Ranges of options, checked before anything is loaded. */
final class Numbers {
  private Numbers() {}

  static int atLeast(String option, int value, int minimum) {
    if (value < minimum) {
      throw UserException.usage("%s must be at least %d, was %d".formatted(option, minimum, value));
    }
    return value;
  }

  /**
   * @param range in words, such as {@code above 0 and at most 1}
   */
  static double require(boolean holds, String option, double value, String range) {
    if (!holds) {
      throw UserException.usage("%s must be %s, was %s".formatted(option, range, value));
    }
    return value;
  }
}
