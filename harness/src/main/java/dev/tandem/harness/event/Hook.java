package dev.tandem.harness.event;

import java.util.Locale;

/** The eight places of an episode where processors see and may change what happens. */
public enum Hook {
  TASK_START,
  STEP_START,
  BEFORE_MODEL,
  AFTER_MODEL,
  BEFORE_TOOL,
  AFTER_TOOL,
  STEP_END,
  TASK_END;

  /** The hook's name in configuration files and traces, such as {@code before_model}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
