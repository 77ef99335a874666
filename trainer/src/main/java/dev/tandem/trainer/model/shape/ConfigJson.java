package dev.tandem.trainer.model.shape;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.file.ElementType;
import dev.tandem.trainer.model.file.JsonFiles;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Translates between {@link ModelSpec} and config.json; refuses by name whatever the decoder would
 * compute wrongly.
 */
public final class ConfigJson {

  private static final double DEFAULT_ROPE_THETA = 10_000;
  private static final double DEFAULT_NORM_EPSILON = 1e-6;
  private static final double DEFAULT_INITIALIZER_RANGE = 0.02;

  private final Path file;
  private final JsonNode config;

  private ConfigJson(Path file, JsonNode config) {
    this.file = file;
    this.config = config;
  }

  static ModelSpec parse(Path file, JsonNode config) {
    return new ConfigJson(file, config).spec();
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

  private ModelSpec spec() {
    Architecture architecture = architecture();
    refuseUnsupportedFeatures(architecture);
    int heads = requiredInt("num_attention_heads");
    int hidden = requiredInt("hidden_size");
    try {
      return new ModelSpec(
          architecture,
          requiredInt("vocab_size"),
          hidden,
          requiredInt("num_hidden_layers"),
          heads,
          optionalInt("num_key_value_heads", heads),
          optionalInt("head_dim", architecture.defaultHeadDimension(hidden, heads)),
          requiredInt("intermediate_size"),
          requiredInt("max_position_embeddings"),
          optionalDouble(config, "rms_norm_eps", DEFAULT_NORM_EPSILON),
          config.path("tie_word_embeddings").asBoolean(false),
          rotary(),
          optionalDouble(config, "initializer_range", DEFAULT_INITIALIZER_RANGE));
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(file, e.getMessage() + "; correct the file", e);
    }
  }

  private Architecture architecture() {
    String modelType = config.path("model_type").asText("");
    return Arrays.stream(Architecture.values())
        .filter(candidate -> candidate.modelType().equals(modelType))
        .findFirst()
        .orElseThrow(
            () ->
                unsupported(
                    "model_type \"%s\"".formatted(modelType),
                    Arrays.stream(Architecture.values())
                        .map(Architecture::modelType)
                        .collect(Collectors.joining(", ", "choose a model of type ", ""))));
  }

  private void refuseUnsupportedFeatures(Architecture architecture) {
    String quantised = "quantization_config";
    if (present(quantised)) {
      throw unsupported(quantised, "use the checkpoint's unquantised original");
    }
    for (String experts : List.of("num_experts", "num_local_experts", "n_routed_experts")) {
      if (config.path(experts).asInt(0) > 0) {
        throw unsupported("mixture of experts (" + experts + ")", "choose a dense model");
      }
    }
    if (slidingWindowInUse(architecture)) {
      throw unsupported("sliding-window attention", "choose a model with full attention");
    }
    for (JsonNode type : config.path("layer_types")) {
      if (!type.asText().equals("full_attention")) {
        throw unsupported(
            "layer type \"%s\"".formatted(type.asText()), "choose a model with full attention");
      }
    }
    for (String bias : List.of("attention_bias", "mlp_bias")) {
      if (config.path(bias).asBoolean(false)) {
        throw unsupported(bias, "choose a model without that bias");
      }
    }
    boolean biased = architecture.hasQueryKeyValueBias();
    if (present("qkv_bias") && config.path("qkv_bias").asBoolean() != biased) {
      throw unsupported(
          "qkv_bias %s in a %s model".formatted(!biased, architecture.modelType()),
          "choose a model %s it".formatted(biased ? "with" : "without"));
    }
    String activation = config.path("hidden_act").asText("silu").toLowerCase(Locale.ROOT);
    if (!activation.equals("silu") && !activation.equals("swish")) {
      throw unsupported("hidden_act \"%s\"".formatted(activation), "choose a model with silu");
    }
  }

  /** Qwen's layers from max_window_layers on slide, when the switch is on; Llama has no switch. */
  private boolean slidingWindowInUse(Architecture architecture) {
    return switch (architecture) {
      case LLAMA -> present("sliding_window");
      case QWEN2, QWEN3 ->
          config.path("use_sliding_window").asBoolean(false)
              && config.path("max_window_layers").asInt(0)
                  < config.path("num_hidden_layers").asInt(1);
    };
  }

  private RotaryEmbedding rotary() {
    JsonNode parameters = present("rope_parameters") ? config.path("rope_parameters") : config;
    JsonNode scaling = present("rope_parameters") ? parameters : config.path("rope_scaling");
    if (config.path("rope_parameters").properties().stream()
        .anyMatch(property -> property.getValue().isObject())) {
      throw unsupported(
          "rope_parameters by layer type", "choose a model with one rotary embedding");
    }
    double theta =
        optionalDouble(
            parameters, "rope_theta", optionalDouble(config, "rope_theta", DEFAULT_ROPE_THETA));
    if (config.path("partial_rotary_factor").asDouble(1) != 1
        || parameters.path("partial_rotary_factor").asDouble(1) != 1) {
      throw unsupported("partial_rotary_factor", "choose a model that rotates whole heads");
    }
    String type = scaling.path("rope_type").asText(scaling.path("type").asText("default"));
    return new RotaryEmbedding(
        theta,
        switch (type) {
          case "default" -> new RotaryEmbedding.Unscaled();
          case "linear" -> new RotaryEmbedding.Linear(requiredDouble(scaling, "factor"));
          case "llama3" ->
              new RotaryEmbedding.Llama3(
                  requiredDouble(scaling, "factor"),
                  requiredDouble(scaling, "low_freq_factor"),
                  requiredDouble(scaling, "high_freq_factor"),
                  (int) requiredDouble(scaling, "original_max_position_embeddings"));
          default ->
              throw unsupported(
                  "rope scaling \"%s\"".formatted(type),
                  "choose a model with default, linear or llama3 scaling, or remove the scaling for"
                      + " short contexts");
        });
  }

  private CheckpointException unsupported(String feature, String remedy) {
    return new CheckpointException(file, feature + " is not supported; " + remedy);
  }

  private boolean present(String key) {
    return config.hasNonNull(key);
  }

  private int requiredInt(String key) {
    JsonNode value = config.path(key);
    if (!value.isInt()) {
      throw new CheckpointException(
          file, "%s must be an integer, was %s; correct the file".formatted(key, shown(value)));
    }
    return value.intValue();
  }

  private int optionalInt(String key, int fallback) {
    return present(key) ? requiredInt(key) : fallback;
  }

  private double requiredDouble(JsonNode parent, String key) {
    JsonNode value = parent.path(key);
    if (!value.isNumber()) {
      throw new CheckpointException(
          file, "%s must be a number, was %s; correct the file".formatted(key, shown(value)));
    }
    return value.doubleValue();
  }

  private double optionalDouble(JsonNode parent, String key, double fallback) {
    return parent.hasNonNull(key) ? requiredDouble(parent, key) : fallback;
  }

  private static String shown(JsonNode value) {
    return value.isMissingNode() ? "absent" : value.toString();
  }
}
