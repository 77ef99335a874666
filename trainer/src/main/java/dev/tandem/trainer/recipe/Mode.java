package dev.tandem.trainer.recipe;

import java.util.Locale;

/** What a run improves, on the same rollouts. */
public enum Mode {
  /** Nothing: the baseline. */
  STATIC,
  /** The harness alone; weights stay as the warm start left them. */
  HARNESS,
  /** The model alone; the harness stays as configured. */
  MODEL,
  /** Both, from the same rollouts. */
  COEVOLVE;

  /** The mode's name in recipes and results. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  public boolean evolvesHarness() {
    return switch (this) {
      case STATIC, MODEL -> false;
      case HARNESS, COEVOLVE -> true;
    };
  }

  public boolean trainsModel() {
    return switch (this) {
      case STATIC, HARNESS -> false;
      case MODEL, COEVOLVE -> true;
    };
  }
}
