package dev.tandem.rollout;

import java.util.Locale;

/** What an episode was played for. */
public enum Phase {
  /** To learn from. */
  TRAIN,
  /** To decide about an edit. */
  GATE,
  /** To report; nothing is decided by it. */
  EVALUATION;

  /** The phase's name in files and on the command line. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
