package dev.tandem.trainer.model.shape;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tandem.trainer.model.file.CheckpointException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Refuses a config.json that says two things about one matter, or something that the decoder would
 * compute wrongly.
 */
final class ConfigChecks {
  /** Where Qwen's layers begin to slide when the file does not say, in transformers. */
  private static final int DEFAULT_WINDOW_LAYERS = 28;

  private final ConfigValues config;
  private final Architecture architecture;

  private ConfigChecks(ConfigValues config, Architecture architecture) {
    this.config = config;
    this.architecture = architecture;
  }

  /**
   * Checks all that a {@link ModelSpec} does not hold.
   *
   * @throws CheckpointException with the keys and values at fault
   */
  static void check(ConfigValues config, Architecture architecture) {
    ConfigChecks checks = new ConfigChecks(config, architecture);
    checks.className();
    checks.ownCode();
    ConfigKeys.refuseWhatIsNotComputed(config);
    checks.aliases();
    checks.window();
    checks.layerTypes();
    checks.biases();
    checks.activation();
    checks.headWidth();
  }

  private void className() {
    List<String> classes = new ArrayList<>();
    config.get("architectures").forEach(name -> classes.add(name.asText()));
    if (!classes.isEmpty()
        && classes.stream().noneMatch(architecture.className()::equalsIgnoreCase)) {
      throw config.refused(
          "%s contradicts %s, whose models are %s; choose a model of that class"
              .formatted(
                  config.said("architectures"),
                  config.said("model_type"),
                  architecture.className()));
    }
  }

  /** Code that a checkpoint brings along may compute anything. */
  private void ownCode() {
    for (Map.Entry<String, JsonNode> entry : config.get("auto_map").properties()) {
      if (entry.getKey().startsWith("AutoModel")) {
        throw config.unsupported(
            config.said("auto_map"),
            "choose a model without code of its own, or remove the key if the code computes what %s does"
                .formatted(architecture.className()));
      }
    }
  }

  private void aliases() {
    ConfigKeys.ALIASES.forEach(
        (key, names) -> {
          for (String name : names) {
            if (config.has(key) && config.has(name) && !same(config.get(key), config.get(name))) {
              throw config.contradiction(config.said(key), config.said(name));
            }
          }
        });
  }

  private static boolean same(JsonNode one, JsonNode other) {
    return (one.isNumber() && other.isNumber())
        ? one.doubleValue() == other.doubleValue()
        : one.equals(other);
  }

  /** Qwen's layers from max_window_layers on slide, when the switch is on; Llama has no switch. */
  private void window() {
    boolean on = config.flag("use_sliding_window");
    boolean slides =
        switch (architecture) {
          case LLAMA -> on || config.has("sliding_window");
          case QWEN2, QWEN3 ->
              on
                  && config.optionalInt("max_window_layers", DEFAULT_WINDOW_LAYERS)
                      < config.optionalInt("num_hidden_layers", Integer.MAX_VALUE);
        };
    if (!slides) {
      return;
    }
    String said = config.said(on ? "use_sliding_window" : "sliding_window");
    if (on && config.get("sliding_window").isNull()) {
      throw config.contradiction(said, config.said("sliding_window"));
    }
    if (allFull() && on) {
      throw config.contradiction(said, config.said("layer_types"));
    }
    throw config.unsupported(
        "sliding-window attention (%s)".formatted(said), "choose a model with full attention");
  }

  private boolean allFull() {
    JsonNode types = config.get("layer_types");
    return types.isArray()
        && !types.isEmpty()
        && types.valueStream().allMatch(type -> type.asText().equals("full_attention"));
  }

  private void layerTypes() {
    JsonNode types = config.get("layer_types");
    for (JsonNode type : types) {
      if (!type.asText().equals("full_attention")) {
        throw config.unsupported(
            "layer type \"%s\" (layer_types)".formatted(type.asText()),
            "choose a model with full attention");
      }
    }
    if (types.isArray() && types.size() != config.requiredInt("num_hidden_layers")) {
      throw config.contradiction(
          "layer_types of %d layers".formatted(types.size()), config.said("num_hidden_layers"));
    }
  }

  private void biases() {
    boolean biased = architecture.hasQueryKeyValueBias();
    for (String bias : List.of("attention_bias", "mlp_bias")) {
      boolean asInTheFamily = biased && bias.equals("attention_bias");
      if (config.flag(bias) && !asInTheFamily) {
        throw config.unsupported(config.said(bias), "choose a model without that bias");
      }
    }
    for (String bias : List.of("attention_bias", "qkv_bias")) {
      if (config.has(bias) && config.flag(bias) != biased) {
        throw config.contradiction(
            config.said(bias),
            "%s, whose queries, keys and values have %s biases"
                .formatted(config.said("model_type"), biased ? "always" : "no"));
      }
    }
  }

  private void activation() {
    String activation = config.text("hidden_act", "silu").toLowerCase(Locale.ROOT);
    if (!activation.equals("silu") && !activation.equals("swish")) {
      throw config.unsupported(config.said("hidden_act"), "choose a model with silu");
    }
  }

  private void headWidth() {
    switch (architecture) {
      case QWEN3 -> {} // states its width, which is no quotient
      case QWEN2, LLAMA -> {
        int hidden = config.requiredInt("hidden_size");
        int heads = config.requiredInt("num_attention_heads");
        if (!config.has("head_dim") && heads > 0 && hidden % heads != 0) {
          throw config.refused(
              "%s is no multiple of %s and there is no head_dim; state head_dim"
                  .formatted(config.said("hidden_size"), config.said("num_attention_heads")));
        }
      }
    }
  }
}
