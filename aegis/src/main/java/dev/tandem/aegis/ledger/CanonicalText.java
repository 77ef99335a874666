package dev.tandem.aegis.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** JSON with sorted keys and no white space: one text for one value. */
final class CanonicalText {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

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

  /**
   * A line as a tree, nothing more; whether it has an entry's parts is not asked.
   *
   * @throws JsonProcessingException with the place, if it is not one JSON value
   */
  static JsonNode parse(String line) throws JsonProcessingException {
    return JSON.readTree(line);
  }
}
