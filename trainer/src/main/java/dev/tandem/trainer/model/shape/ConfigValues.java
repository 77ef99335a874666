package dev.tandem.trainer.model.shape;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tandem.trainer.model.file.CheckpointException;
import java.nio.file.Path;

/**
 * Typed access to config.json, or to an object in it. A key that is null counts as absent, as in
 * transformers; a value of the wrong type is refused and never converted.
 *
 * @param path of the object, such as {@code rope_parameters.}; empty for the whole file
 */
record ConfigValues(Path file, JsonNode json, String path) {
  private static final int SHOWN = 80;

  /** The whole file. */
  static ConfigValues of(Path file, JsonNode json) {
    if (!json.isObject()) {
      throw new CheckpointException(file, "must hold a JSON object; copy the file again");
    }
    return new ConfigValues(file, json, "");
  }

  boolean has(String key) {
    return json.hasNonNull(key);
  }

  JsonNode get(String key) {
    return json.path(key);
  }

  /** A key with its value, as sentences name it. */
  String said(String key) {
    return path + key + " " + shown(json.path(key));
  }

  ConfigValues object(String key) {
    if (!json.path(key).isObject()) {
      throw wrongType(key, "an object");
    }
    return new ConfigValues(file, json.path(key), path + key + ".");
  }

  int requiredInt(String key) {
    if (!json.path(key).isInt()) {
      throw wrongType(key, "an integer");
    }
    return json.path(key).intValue();
  }

  int optionalInt(String key, int fallback) {
    return has(key) ? requiredInt(key) : fallback;
  }

  double requiredDouble(String key) {
    if (!json.path(key).isNumber()) {
      throw wrongType(key, "a number");
    }
    return json.path(key).doubleValue();
  }

  double optionalDouble(String key, double fallback) {
    return has(key) ? requiredDouble(key) : fallback;
  }

  boolean flag(String key) {
    if (has(key) && !json.path(key).isBoolean()) {
      throw wrongType(key, "true or false");
    }
    return json.path(key).booleanValue();
  }

  String text(String key, String fallback) {
    if (has(key) && !json.path(key).isTextual()) {
      throw wrongType(key, "a text");
    }
    return has(key) ? json.path(key).textValue() : fallback;
  }

  private CheckpointException wrongType(String key, String wanted) {
    return refused(
        "%s%s must be %s, was %s; correct the file"
            .formatted(path, key, wanted, shown(json.path(key))));
  }

  CheckpointException refused(String sentence) {
    return new CheckpointException(file, sentence);
  }

  CheckpointException unsupported(String feature, String remedy) {
    return refused(feature + " is not supported; " + remedy);
  }

  /**
   * @param one a key and its value
   * @param other another key and its value, about the same matter
   */
  CheckpointException contradiction(String one, String other) {
    return refused(
        "%s contradicts %s; keep what the weights were trained with and remove or correct the other"
            .formatted(one, other));
  }

  private static String shown(JsonNode value) {
    if (value.isMissingNode()) {
      return "absent";
    }
    String text = value.toString();
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN - 1) + "\u2026";
  }
}
