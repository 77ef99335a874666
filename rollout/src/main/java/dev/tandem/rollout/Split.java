package dev.tandem.rollout;

import java.util.Locale;

/** Which tasks may be used for what: training, the gate's decisions, or reporting only. */
public enum Split {
  /** Rollouts that GRPO and AEGIS learn from. */
  TRAIN,
  /** Paired episodes that decide whether a harness edit ships. */
  GATE,
  /** Reporting only; nothing may select on it. */
  SEALED;

  private static final int TRAIN_SHARE = 6;
  private static final int GATE_SHARE = 2;

  /**
   * The split of a task whose family does not declare one: by its content, so that equal tasks can
   * never be on both sides; six tenths train, two gate, two sealed.
   *
   * @param contentHash lower-case hexadecimal, at least 8 digits
   */
  public static Split byContent(String contentHash) {
    long bucket = Long.parseLong(contentHash.substring(0, 8), 16) % 10;
    if (bucket < TRAIN_SHARE) {
      return TRAIN;
    }
    return bucket < TRAIN_SHARE + GATE_SHARE ? GATE : SEALED;
  }

  /** The split's name in files and on the command line. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
