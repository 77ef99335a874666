package dev.tandem.aegis.ledger;

/**
 * The first thing in a ledger's file that is not as it was written.
 *
 * @param kind what is wrong with it
 * @param line from 1
 * @param entry whose line it is, or should be; from 0
 * @param offset byte of the file, from 0: the first that cannot be right where that can be told,
 *     the line's first where only the whole line can
 * @param detail what is wrong, without its subject
 */
public record LedgerFault(Kind kind, int line, int entry, long offset, String detail) {
  /** Kinds of damage. */
  public enum Kind {
    /** Bytes that are no UTF-8. */
    ENCODING,
    /** Text that is no JSON object with an entry's parts. */
    JSON,
    /** JSON of an entry, but not spelled as the ledger spells it: white space, order, escapes. */
    SPELLING,
    /** What the line says does not have the hash it names. */
    HASH,
    /** An entry that is whole in itself and follows another one than it names. */
    CHAIN,
    /** Lines that were removed, put in twice or moved. */
    ORDER,
    /** The file ends within a line. */
    CUT_OFF
  }

  /** Such as {@code line 4 (entry 3), byte 812, was changed: ..}. */
  public String sentence() {
    return "line %d (entry %d), byte %d, %s".formatted(line, entry, offset, detail);
  }
}
