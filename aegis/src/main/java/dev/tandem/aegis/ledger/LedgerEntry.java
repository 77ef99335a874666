package dev.tandem.aegis.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tandem.harness.value.ContentHash;
import java.util.Map;

/**
 * One line of the ledger.
 *
 * @param sequence from 0
 * @param kind what it records, such as {@code shipped}
 * @param previous hash of the entry before; 64 zeros for the first
 * @param hash SHA-256 over the canonical JSON of all the other parts
 */
public record LedgerEntry(
    int sequence, int round, String kind, JsonNode payload, String previous, String hash) {
  static final String NO_HASH = "0".repeat(64);

  static LedgerEntry chain(
      int sequence, int round, String kind, JsonNode payload, String previous) {
    return new LedgerEntry(
        sequence, round, kind, payload, previous, hash(sequence, round, kind, payload, previous));
  }

  private static String hash(
      int sequence, int round, String kind, JsonNode payload, String previous) {
    return ContentHash.sha256(
        CanonicalText.of(
            Map.of(
                "sequence", sequence,
                "round", round,
                "kind", kind,
                "payload", payload,
                "previous", previous)));
  }

  boolean hasItsHash() {
    return hash.equals(hash(sequence, round, kind, payload, previous));
  }

  /** The entry as it stands in the file, without the line's end. */
  String line() {
    return CanonicalText.of(
        Map.of(
            "sequence", sequence,
            "round", round,
            "kind", kind,
            "payload", payload,
            "previous", previous,
            "hash", hash));
  }
}
