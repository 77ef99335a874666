package dev.tandem.aegis.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Checks a ledger byte by byte, for a text that was decoded leniently no longer shows which bytes
 * it came from. A line must be UTF-8, the JSON of an entry, spelled in the one way the ledger
 * spells it, with the hash it names; then it must stand in its place. So every byte that is changed
 * is found, and found in its line.
 */
final class LedgerBytes {
  private static final String HEX = "[0-9a-f]{64}";

  private final byte[] bytes;
  private final List<LedgerEntry> entries = new ArrayList<>();

  private LedgerBytes(byte[] bytes) {
    this.bytes = bytes;
  }

  static Verification check(byte[] bytes) {
    return new LedgerBytes(bytes).check();
  }

  /** How many bytes the whole lines have. */
  static int wholeLines(byte[] bytes) {
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    return end;
  }

  private Verification check() {
    int from = 0;
    while (from < bytes.length) {
      int end = endOfLine(from);
      Optional<LedgerFault> fault = end < 0 ? Optional.of(cutOff(from)) : line(from, end);
      if (fault.isPresent()) {
        return new Verification(entries, fault);
      }
      from = end + 1;
    }
    return new Verification(entries, Optional.empty());
  }

  /** Where the line's end is; -1 where it has none. */
  private int endOfLine(int from) {
    int end = from;
    while (end < bytes.length && bytes[end] != '\n') {
      end++;
    }
    return end == bytes.length ? -1 : end;
  }

  private LedgerFault cutOff(int from) {
    byte[] line = Arrays.copyOfRange(bytes, from, bytes.length);
    boolean whole = parsed(line).isPresent();
    return fault(
        LedgerFault.Kind.CUT_OFF,
        bytes.length,
        whole
            ? "has no line end, where every line has one"
            : "is cut off: the file ends within the line");
  }

  /** What is wrong with the line; it is taken into the entries if nothing is. */
  private Optional<LedgerFault> line(int from, int end) {
    byte[] line = Arrays.copyOfRange(bytes, from, end);
    int malformed = malformed(line);
    if (malformed >= 0) {
      return Optional.of(
          fault(
              LedgerFault.Kind.ENCODING,
              from + malformed,
              "was changed: 0x%02x is no UTF-8 there".formatted(line[malformed])));
    }
    String text = new String(line, StandardCharsets.UTF_8);
    JsonNode tree;
    try {
      tree = CanonicalText.parse(text);
    } catch (JsonProcessingException e) {
      return Optional.of(
          fault(LedgerFault.Kind.JSON, from + place(e, text), "was changed: it is no JSON"));
    }
    Optional<LedgerEntry> entry = entry(tree);
    if (entry.isEmpty()) {
      return Optional.of(
          fault(
              LedgerFault.Kind.JSON,
              from,
              "was changed: it does not have the parts of a ledger entry"));
    }
    byte[] spelled = entry.get().line().getBytes(StandardCharsets.UTF_8);
    int other = Arrays.mismatch(spelled, line);
    if (other >= 0) {
      return Optional.of(
          fault(
              LedgerFault.Kind.SPELLING,
              from + other,
              "was changed: the ledger does not write it this way"));
    }
    return placed(entry.get(), from, end);
  }

  /** An entry that is well written: is it what it says, and in its place? */
  private Optional<LedgerFault> placed(LedgerEntry entry, int from, int end) {
    if (!entry.hasItsHash()) {
      return Optional.of(
          fault(
              LedgerFault.Kind.HASH,
              from,
              "was changed: somewhere in its %d bytes, for they do not have the hash they name"
                  .formatted(end - from)));
    }
    if (entry.sequence() != entries.size()) {
      return Optional.of(fault(LedgerFault.Kind.ORDER, from, misplaced(entry, end + 1)));
    }
    String previous = entries.isEmpty() ? LedgerEntry.NO_HASH : entries.getLast().hash();
    if (!entry.previous().equals(previous)) {
      return Optional.of(
          fault(
              LedgerFault.Kind.CHAIN,
              from,
              "does not follow the one before it: one of the two was put in another's place"));
    }
    entries.add(entry);
    return Optional.empty();
  }

  private String misplaced(LedgerEntry found, int rest) {
    int expected = entries.size();
    if (found.sequence() < expected) {
      return "was put in: it is entry %d over again".formatted(found.sequence());
    }
    for (int from = rest; from < bytes.length; ) {
      int end = endOfLine(from);
      if (end < 0) {
        break;
      }
      Optional<LedgerEntry> later = parsed(Arrays.copyOfRange(bytes, from, end));
      if (later.isPresent() && later.get().sequence() == expected) {
        return "is entry %d: lines were moved, and entry %d stands further down"
            .formatted(found.sequence(), expected);
      }
      from = end + 1;
    }
    return found.sequence() == expected + 1
        ? "is entry %d: entry %d was removed".formatted(found.sequence(), expected)
        : "is entry %d: entries %d to %d were removed"
            .formatted(found.sequence(), expected, found.sequence() - 1);
  }

  private LedgerFault fault(LedgerFault.Kind kind, int offset, String detail) {
    return new LedgerFault(kind, entries.size() + 1, entries.size(), offset, detail);
  }

  /** The first byte that is no UTF-8; -1 if all are. */
  private static int malformed(byte[] line) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(line);
    boolean whole =
        decoder.decode(in, CharBuffer.allocate(line.length), true).isUnderflow()
            && !in.hasRemaining();
    return whole ? -1 : in.position();
  }

  /** The byte of the line where it stopped being JSON. */
  private static int place(JsonProcessingException refusal, String line) {
    long offset = refusal.getLocation() == null ? 0 : refusal.getLocation().getCharOffset();
    int characters = (int) Math.clamp(offset, 0L, Math.max(0, line.length() - 1));
    return line.substring(0, characters).getBytes(StandardCharsets.UTF_8).length;
  }

  private static Optional<LedgerEntry> parsed(byte[] line) {
    try {
      return entry(CanonicalText.parse(new String(line, StandardCharsets.UTF_8)));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** The entry, if it has all parts and no others. */
  private static Optional<LedgerEntry> entry(JsonNode tree) {
    boolean whole =
        tree.isObject()
            && tree.size() == 6
            && tree.path("sequence").isInt()
            && tree.path("round").isInt()
            && tree.path("kind").isTextual()
            && tree.has("payload")
            && tree.path("previous").asText().matches(HEX)
            && tree.path("hash").asText().matches(HEX);
    return whole
        ? Optional.of(
            new LedgerEntry(
                tree.path("sequence").intValue(),
                tree.path("round").intValue(),
                tree.path("kind").textValue(),
                tree.path("payload"),
                tree.path("previous").textValue(),
                tree.path("hash").textValue()))
        : Optional.empty();
  }
}
