package dev.tandem.aegis.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** JSON with sorted keys and no white space: one text for one value. */
final class CanonicalText {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

  private CanonicalText() {}

  static JsonNode tree(Object value) {
    return JSON.valueToTree(value);
  }

  /**
   * @throws IllegalArgumentException if the value is not JSON
   */
  static String of(Object value) {
    try {
      return JSON.writeValueAsString(JSON.convertValue(value, Object.class));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("a ledger payload must be JSON: " + value, e);
    }
  }

  static LedgerEntry entry(String line) throws JsonProcessingException {
    return JSON.readValue(line, LedgerEntry.class);
  }
}
