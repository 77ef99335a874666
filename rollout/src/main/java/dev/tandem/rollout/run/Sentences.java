package dev.tandem.rollout.run;

import org.jspecify.annotations.Nullable;

/** Foreign throwables in words. */
final class Sentences {
  private static final int LONGEST = 500;

  private Sentences() {}

  /** Its message, or its class's name where it has none. */
  static String message(Throwable thrown) {
    String message = thrown.getMessage();
    return message == null ? thrown.getClass().getName() : message;
  }

  /** What was thrown, by class and message; foreign code may even fail to say that. */
  static String of(Throwable thrown) {
    String name = thrown.getClass().getName();
    @Nullable String message;
    try {
      message = thrown.getMessage();
    } catch (Throwable worse) {
      message = null;
    }
    String sentence = message == null || message.isBlank() ? name : name + ": " + message;
    return sentence.length() <= LONGEST ? sentence : sentence.substring(0, LONGEST) + "...";
  }
}
