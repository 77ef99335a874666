package dev.tandem.rollout.store;

import java.io.IOException;

/**
 * What an item of a segment is; their codes are the format's. All but the last four define content
 * that later items refer to, by how many definitions ago it was.
 */
enum ItemKind {
  /** Nothing follows. */
  END(0),
  /** UTF-8. */
  TEXT(1),
  /** UTF-16, for texts that are no Unicode. */
  RAW_TEXT(2),
  TRUE(3),
  FALSE(4),
  INTEGER(5),
  LONG(6),
  DOUBLE(7),
  LIST(8),
  MAP(9),
  MESSAGE(10),
  /** A list of messages as a shorter list and one more message. */
  MESSAGES(11),
  OBSERVATION(12),
  TOKEN_IDS(13),
  TASK(14),
  TRIGGER(15),
  /** A turn of the episode that the next episode item ends. */
  TURN(16),
  /** A step of the episode that the next episode item ends. */
  STEP(17),
  JUDGED(18),
  BROKEN(19);

  private static final ItemKind[] ALL = values();

  private final int code;

  ItemKind(int code) {
    this.code = code;
  }

  /**
   * The kind with this code.
   *
   * @throws IOException when there is none
   */
  static ItemKind of(int code) throws IOException {
    for (ItemKind kind : ALL) {
      if (kind.code == code) {
        return kind;
      }
    }
    throw new IOException("it has an item of the unknown kind " + code);
  }

  int code() {
    return code;
  }
}
