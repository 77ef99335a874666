package dev.tandem.trainer.model.shape;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The rotary embedding of a config.json. Before transformers 5 it stands in {@code rope_theta} and
 * {@code rope_scaling}, since then in {@code rope_parameters}; readers take one spelling or the
 * other, so a file that has both must say the same in both.
 */
final class RotaryJson {
  private static final String NEWER = "rope_parameters";
  private static final String OLDER = "rope_scaling";
  private static final String THETA = "rope_theta";
  private static final double DEFAULT_THETA = 10_000;

  /** What each rule computes by; the original length means nothing without a rule that uses it. */
  private static final Set<String> OF_ALL =
      Set.of(
          THETA, "rope_type", "type", "partial_rotary_factor", "original_max_position_embeddings");

  /** What shapes some rule's frequencies, whatever rule a file names. */
  private static final List<String> OF_SOME =
      List.of(
          "factor",
          "low_freq_factor",
          "high_freq_factor",
          "attention_factor",
          "beta_fast",
          "beta_slow",
          "mscale",
          "mscale_all_dim",
          "short_factor",
          "long_factor",
          "short_mscale",
          "long_mscale",
          "mrope_section",
          "mrope_interleaved",
          "truncate");

  private RotaryJson() {}

  static RotaryEmbedding read(ConfigValues config) {
    Map<String, ConfigValues> spellings = new LinkedHashMap<>();
    for (String key : List.of(NEWER, OLDER)) {
      if (config.has(key)) {
        spellings.put(key, object(config, key));
      }
    }
    requireOneType(config, spellings);
    List<RotaryEmbedding.Scaling> scalings =
        spellings.values().stream().map(RotaryJson::scaling).distinct().toList();
    if (scalings.size() > 1) {
      throw config.contradiction(config.said(NEWER), config.said(OLDER));
    }
    return new RotaryEmbedding(
        theta(config, spellings),
        scalings.isEmpty() ? new RotaryEmbedding.Unscaled() : scalings.getFirst());
  }

  /** Keys of the rotary embedding that no rule is known to use. */
  static List<String> unknownKeys(JsonNode config) {
    return List.of(NEWER, OLDER).stream()
        .flatMap(
            spelling ->
                config.path(spelling).properties().stream()
                    .map(Map.Entry::getKey)
                    .filter(key -> !OF_ALL.contains(key) && !OF_SOME.contains(key))
                    .map(key -> spelling + "." + key))
        .toList();
  }

  private static ConfigValues object(ConfigValues config, String key) {
    ConfigValues stated = config.object(key);
    for (Map.Entry<String, JsonNode> part : stated.json().properties()) {
      if (part.getValue().isObject()) {
        throw config.unsupported(
            key + " by layer type", "choose a model with one rotary embedding");
      }
    }
    if (stated.optionalDouble("partial_rotary_factor", 1) != 1) {
      throw config.unsupported(
          stated.said("partial_rotary_factor"), "choose a model that rotates whole heads");
    }
    if (stated.has("type")
        && stated.has("rope_type")
        && !stated.get("type").equals(stated.get("rope_type"))) {
      throw config.contradiction(stated.said("rope_type"), stated.said("type"));
    }
    return stated;
  }

  private static void requireOneType(ConfigValues config, Map<String, ConfigValues> spellings) {
    if (spellings.values().stream().map(RotaryJson::type).distinct().count() > 1) {
      throw config.contradiction(config.said(NEWER), config.said(OLDER));
    }
  }

  private static double theta(ConfigValues config, Map<String, ConfigValues> spellings) {
    double theta = DEFAULT_THETA;
    String before = "";
    for (ConfigValues stated : withTopLevel(config, spellings)) {
      if (stated.has(THETA)) {
        double said = stated.requiredDouble(THETA);
        if (!before.isEmpty() && said != theta) {
          throw config.contradiction(before, stated.said(THETA));
        }
        theta = said;
        before = stated.said(THETA);
      }
    }
    return theta;
  }

  private static List<ConfigValues> withTopLevel(
      ConfigValues config, Map<String, ConfigValues> spellings) {
    List<ConfigValues> all = new ArrayList<>(spellings.values());
    all.add(config);
    return all;
  }

  /** The rule's name, under its key of today or that before transformers 4.43. */
  private static String type(ConfigValues stated) {
    return stated.text("rope_type", stated.text("type", "default"));
  }

  private static RotaryEmbedding.Scaling scaling(ConfigValues stated) {
    String type = type(stated);
    return switch (type) {
      case "default" -> {
        requireOnly(stated, type, Set.of());
        yield new RotaryEmbedding.Unscaled();
      }
      case "linear" -> {
        requireOnly(stated, type, Set.of("factor"));
        yield new RotaryEmbedding.Linear(stated.requiredDouble("factor"));
      }
      case "llama3" -> {
        requireOnly(stated, type, Set.of("factor", "low_freq_factor", "high_freq_factor"));
        yield new RotaryEmbedding.Llama3(
            stated.requiredDouble("factor"),
            stated.requiredDouble("low_freq_factor"),
            stated.requiredDouble("high_freq_factor"),
            (int) stated.requiredDouble("original_max_position_embeddings"));
      }
      default ->
          throw stated.unsupported(
              "rope scaling \"%s\" (%s)".formatted(type, stated.path().replace(".", "")),
              "choose a model with default, linear or llama3 scaling, or remove the scaling for"
                  + " short contexts");
    };
  }

  /** A parameter of another rule says that another rule is meant, unless it changes nothing. */
  private static void requireOnly(ConfigValues stated, String type, Set<String> parameters) {
    for (String key : OF_SOME) {
      boolean neutral = key.equals("factor") && stated.get(key).asDouble() == 1;
      if (stated.has(key) && !parameters.contains(key) && !neutral) {
        throw stated.contradiction(
            "%srope_type \"%s\"".formatted(stated.path(), type), stated.said(key));
      }
    }
  }
}
