package dev.tandem.rollout.store;

/**
 * What an item of a segment is; their order is part of the format. All but the last four define
 * content that later items refer to, by how many definitions ago it was.
 */
enum ItemKind {
  /** Nothing follows. */
  END,
  /** UTF-8. */
  TEXT,
  /** UTF-16, for texts that are no Unicode. */
  RAW_TEXT,
  TRUE,
  FALSE,
  INTEGER,
  LONG,
  DOUBLE,
  LIST,
  MAP,
  MESSAGE,
  /** A list of messages as a shorter list and one more message. */
  MESSAGES,
  OBSERVATION,
  TOKEN_IDS,
  TASK,
  TRIGGER,
  /** A turn of the episode that the next episode item ends. */
  TURN,
  /** A step of the episode that the next episode item ends. */
  STEP,
  JUDGED,
  BROKEN;

  private static final ItemKind[] ALL = values();

  /** The kind with this code; {@link #END} for what is none. */
  static ItemKind of(int code) {
    return code < ALL.length ? ALL[code] : END;
  }

  int code() {
    return ordinal();
  }
}
