package dev.tandem.trainer.model.shape;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.file.ElementType;
import dev.tandem.trainer.model.file.JsonFiles;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Translates between {@link ModelSpec} and config.json; refuses by name whatever the decoder would
 * compute wrongly.
 */
public final class ConfigJson {

  private static final double DEFAULT_NORM_EPSILON = 1e-6;
  private static final double DEFAULT_INITIALIZER_RANGE = 0.02;

  private ConfigJson() {}

  static ModelSpec parse(Path file, JsonNode config) {
    return spec(ConfigValues.of(file, config));
  }

  /**
   * Keys of a config.json that nothing is known about, so that nobody can tell whether they change
   * the computation.
   */
  public static List<String> unknownKeys(JsonNode config) {
    return ConfigKeys.unknown(config);
  }

  static ObjectNode toJson(ModelSpec spec) {
    Architecture architecture = spec.architecture();
    ObjectNode json = JsonFiles.MAPPER.createObjectNode();
    json.putArray("architectures").add(architecture.className());
    json.put("model_type", architecture.modelType());
    json.put("dtype", "float32");
    json.put("torch_dtype", "float32");
    json.put("vocab_size", spec.vocabularySize());
    json.put("hidden_size", spec.hiddenSize());
    json.put("intermediate_size", spec.mlpSize());
    json.put("num_hidden_layers", spec.layers());
    json.put("num_attention_heads", spec.attentionHeads());
    json.put("num_key_value_heads", spec.keyValueHeads());
    json.put("head_dim", spec.headDimension());
    json.put("max_position_embeddings", spec.maxPositions());
    json.put("rms_norm_eps", spec.normEpsilon());
    json.put("tie_word_embeddings", spec.tiedEmbeddings());
    json.put("initializer_range", spec.initializerRange());
    json.put("hidden_act", "silu");
    json.put("attention_dropout", 0.0);
    List<String> withheld =
        switch (architecture) {
          case QWEN3 -> List.of("use_sliding_window", "attention_bias");
          case QWEN2 -> List.of("use_sliding_window");
          case LLAMA -> List.of("mlp_bias", "attention_bias");
        };
    withheld.forEach(feature -> json.put(feature, false));
    // Both spellings: readers before and after transformers 5 take one each.
    json.put("rope_theta", spec.rotary().theta());
    ObjectNode rope = json.putObject("rope_parameters");
    rope.put("rope_theta", spec.rotary().theta());
    switch (spec.rotary().scaling()) {
      case RotaryEmbedding.Unscaled _ -> {
        rope.put("rope_type", "default");
        json.putNull("rope_scaling");
      }
      case RotaryEmbedding.Linear rule -> {
        putLinear(rope, rule);
        putLinear(json.putObject("rope_scaling"), rule);
      }
      case RotaryEmbedding.Llama3 rule -> {
        putLlama3(rope, rule);
        putLlama3(json.putObject("rope_scaling"), rule);
      }
    }
    json.put("use_cache", true);
    return json;
  }

  private static void putLinear(ObjectNode target, RotaryEmbedding.Linear rule) {
    target.put("rope_type", "linear");
    target.put("type", "linear"); // the key's name before transformers 4.43
    target.put("factor", rule.factor());
  }

  private static void putLlama3(ObjectNode target, RotaryEmbedding.Llama3 rule) {
    target.put("rope_type", "llama3");
    target.put("factor", rule.factor());
    target.put("low_freq_factor", rule.lowFrequencyFactor());
    target.put("high_freq_factor", rule.highFrequencyFactor());
    target.put("original_max_position_embeddings", rule.originalMaxPositions());
  }

  /**
   * Adds the older spelling of a rotary embedding to a config.json that has the newer one only, and
   * states the weights' element type. Readers from before transformers 5, vLLM among them, would
   * otherwise rotate by their default.
   */
  public static void makeReadableForAll(ObjectNode config, ModelSpec spec, ElementType type) {
    ObjectNode full = toJson(spec);
    if (config.hasNonNull("rope_parameters")) {
      for (String key : List.of("rope_theta", "rope_scaling")) {
        if (!config.hasNonNull(key)) {
          config.set(key, full.path(key));
        }
      }
    }
    // transformers 5 says dtype, those before it torch_dtype.
    config.put("dtype", type.torchName());
    config.put("torch_dtype", type.torchName());
  }

  private static ModelSpec spec(ConfigValues config) {
    Architecture architecture = architecture(config);
    ConfigChecks.check(config, architecture);
    int heads = config.requiredInt("num_attention_heads");
    int hidden = config.requiredInt("hidden_size");
    try {
      return new ModelSpec(
          architecture,
          config.requiredInt("vocab_size"),
          hidden,
          config.requiredInt("num_hidden_layers"),
          heads,
          config.optionalInt("num_key_value_heads", heads),
          config.optionalInt("head_dim", architecture.defaultHeadDimension(hidden, heads)),
          config.requiredInt("intermediate_size"),
          config.requiredInt("max_position_embeddings"),
          config.optionalDouble("rms_norm_eps", DEFAULT_NORM_EPSILON),
          config.flag("tie_word_embeddings"),
          RotaryJson.read(config),
          config.optionalDouble("initializer_range", DEFAULT_INITIALIZER_RANGE));
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(config.file(), e.getMessage() + "; correct the file", e);
    }
  }

  private static Architecture architecture(ConfigValues config) {
    String modelType = config.text("model_type", "");
    return Arrays.stream(Architecture.values())
        .filter(candidate -> candidate.modelType().equals(modelType))
        .findFirst()
        .orElseThrow(
            () ->
                config.unsupported(
                    config.said("model_type"),
                    Arrays.stream(Architecture.values())
                        .map(Architecture::modelType)
                        .collect(Collectors.joining(", ", "choose a model of type ", ""))));
  }
}
