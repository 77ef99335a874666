package dev.tandem.trainer.model.shape;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What each key of config.json has to do with the computation. A key of the first table is read and
 * checked; one of the second may say what it likes; one of the third would change the computation
 * in a way that the decoder does not follow, and is refused unless its value says that it is off.
 * Any other key cannot be judged and is named to the user.
 */
final class ConfigKeys {

  /** Read by {@link ConfigJson}, {@link RotaryJson} and {@link ConfigChecks}. */
  private static final Set<String> COMPUTED =
      Set.of(
          "architectures",
          "attention_bias",
          "auto_map",
          "dtype",
          "eos_token_id",
          "head_dim",
          "hidden_act",
          "hidden_size",
          "initializer_range",
          "intermediate_size",
          "layer_types",
          "max_position_embeddings",
          "max_window_layers",
          "mlp_bias",
          "model_type",
          "num_attention_heads",
          "num_hidden_layers",
          "num_key_value_heads",
          "qkv_bias",
          "rms_norm_eps",
          "rope_parameters",
          "rope_scaling",
          "rope_theta",
          "sliding_window",
          "tie_word_embeddings",
          "torch_dtype",
          "use_sliding_window",
          "vocab_size");

  /**
   * Bookkeeping, other tasks' heads, settings of generation, dropout, which the trainer does not
   * use, and how a library computes the same numbers.
   */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "_attn_implementation",
          "_attn_implementation_autoset",
          "_commit_hash",
          "_flash_attn_2_enabled",
          "_from_model_config",
          "_name_or_path",
          "attention_dropout",
          "attn_implementation",
          "attn_pdrop",
          "bad_words_ids",
          "begin_suppress_tokens",
          "bos_token_id",
          "chunk_size_feed_forward",
          "classifier_dropout",
          "decoder_start_token_id",
          "diversity_penalty",
          "do_sample",
          "early_stopping",
          "embd_pdrop",
          "encoder_no_repeat_ngram_size",
          "exponential_decay_length_penalty",
          "finetuning_task",
          "forced_bos_token_id",
          "forced_eos_token_id",
          "hidden_dropout",
          "id2label",
          "is_decoder",
          "keys_to_ignore_at_inference",
          "label2id",
          "length_penalty",
          "max_length",
          "max_sequence_length",
          "min_length",
          "model_max_length",
          "no_repeat_ngram_size",
          "num_beam_groups",
          "num_beams",
          "num_labels",
          "num_return_sequences",
          "output_attentions",
          "output_hidden_states",
          "output_router_logits",
          "output_scores",
          "pad_token_id",
          "prefix",
          "pretraining_tp",
          "problem_type",
          "remove_invalid_values",
          "repetition_penalty",
          "resid_pdrop",
          "return_dict",
          "return_dict_in_generate",
          "sep_token_id",
          "suppress_tokens",
          "task_specific_params",
          "temperature",
          "tf_legacy_loss",
          "tie_encoder_decoder",
          "tokenizer_class",
          "top_k",
          "top_p",
          "torchscript",
          "transformers.js_config",
          "transformers_version",
          "typical_p",
          "unsloth_fixed",
          "unsloth_version",
          "use_bfloat16",
          "use_cache");

  /** What a value must be for its key to change nothing, besides null. */
  private enum Neutral {
    /** False, zero or empty. */
    OFF {
      @Override
      boolean holds(JsonNode value) {
        return switch (value.getNodeType()) {
          case ARRAY, OBJECT, MISSING, NULL -> value.isEmpty();
          case BOOLEAN -> !value.booleanValue();
          case NUMBER -> value.doubleValue() == 0;
          case STRING -> value.textValue().isEmpty();
          case BINARY, POJO -> false;
        };
      }
    },
    TRUE {
      @Override
      boolean holds(JsonNode value) {
        return value.isBoolean() && value.booleanValue();
      }
    },
    ONE {
      @Override
      boolean holds(JsonNode value) {
        return value.isNumber() && value.doubleValue() == 1;
      }
    },
    /** The norm that all families have. */
    RMS_NORM {
      @Override
      boolean holds(JsonNode value) {
        return value.asText().toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "").equals("rmsnorm");
      }
    },
    ROTARY {
      @Override
      boolean holds(JsonNode value) {
        return Set.of("rope", "rotary").contains(value.asText().toLowerCase(Locale.ROOT));
      }
    };

    abstract boolean holds(JsonNode value);
  }

  private record Change(Neutral neutral, String remedy) {}

  private static final Map<String, Change> CHANGES = changes();

  /** Other families' names of the same thing, which must then say the same. */
  static final SortedMap<String, List<String>> ALIASES = aliases();

  private static SortedMap<String, List<String>> aliases() {
    return new TreeMap<>(
        Map.of(
            "head_dim", List.of("kv_channels"),
            "hidden_act", List.of("hidden_activation", "activation_function"),
            "hidden_size", List.of("n_embd", "d_model"),
            "intermediate_size", List.of("ffn_hidden_size", "n_inner"),
            "max_position_embeddings", List.of("n_positions", "n_ctx"),
            "num_attention_heads", List.of("n_head", "n_heads"),
            "num_hidden_layers", List.of("n_layer", "n_layers", "num_layers"),
            "num_key_value_heads", List.of("n_kv_heads", "num_kv_heads"),
            "rms_norm_eps", List.of("layer_norm_eps", "layer_norm_epsilon", "norm_eps"),
            "torch_dtype", List.of("dtype")));
  }

  private ConfigKeys() {}

  private static Map<String, Change> changes() {
    Map<String, Change> changes = new LinkedHashMap<>();
    add(
        changes,
        Neutral.OFF,
        "use the checkpoint's unquantised original",
        "quantization_config",
        "quantization",
        "quant_config",
        "compression_config");
    add(
        changes,
        Neutral.OFF,
        "choose a dense model",
        "num_experts",
        "num_local_experts",
        "n_routed_experts",
        "n_shared_experts",
        "moe_num_experts",
        "num_experts_per_tok",
        "shared_expert_intermediate_size");
    add(
        changes,
        Neutral.ONE,
        "choose a model without that factor",
        "embedding_multiplier",
        "embedding_scale",
        "scale_emb",
        "residual_multiplier",
        "logits_scaling",
        "logit_scale",
        "lm_head_multiplier",
        "key_multiplier",
        "attention_in_multiplier",
        "attention_out_multiplier");
    add(
        changes,
        Neutral.OFF,
        "choose a model whose attention is scaled by its head's width",
        "attention_multiplier",
        "attention_scale",
        "query_pre_attn_scalar",
        "softmax_scale",
        "scale_attn_by_inverse_layer_idx",
        "attn_temperature_tuning");
    add(
        changes,
        Neutral.OFF,
        "choose a model without it",
        "attn_logit_softcapping",
        "final_logit_softcapping",
        "logit_softcapping",
        "clip_qkv",
        "scale_depth",
        "use_qk_norm",
        "qk_norm",
        "qk_layernorm",
        "use_qk_layernorm",
        "use_parallel_residual",
        "parallel_attn",
        "kv_lora_rank",
        "q_lora_rank",
        "num_kv_shared_layers",
        "cross_attention_layers",
        "add_cross_attention",
        "is_encoder_decoder",
        "num_nextn_predict_layers",
        "pruned_heads");
    add(
        changes,
        Neutral.OFF,
        "choose a model with full attention",
        "attention_chunk_size",
        "dual_chunk_attention_config",
        "sliding_window_pattern",
        "layer_block_types",
        "attention_sinks",
        "use_bidirectional_attention");
    add(changes, Neutral.TRUE, "choose a model that reads from left to right", "is_causal");
    add(
        changes,
        Neutral.ONE,
        "choose a model that rotates whole heads",
        "partial_rotary_factor",
        "rotary_pct",
        "rotary_percent",
        "rope_ratio");
    add(
        changes,
        Neutral.OFF,
        "choose a model that rotates whole heads in every layer",
        "use_mrope",
        "mrope_section",
        "rope_interleave",
        "rope_interleaved",
        "rope_local_base_freq",
        "rotary_emb_base",
        "no_rope_layers",
        "no_rope_layer_interval",
        "alibi",
        "use_alibi");
    add(
        changes,
        Neutral.ROTARY,
        "choose a model with rotary position embedding",
        "position_embedding_type");
    add(
        changes,
        Neutral.OFF,
        "choose a model without that bias",
        "bias",
        "use_bias",
        "attention_out_bias",
        "lm_head_bias");
    add(changes, Neutral.RMS_NORM, "choose a model with RMS norms", "norm_type", "layernorm_type");
    add(
        changes,
        Neutral.OFF,
        "choose a model of text alone",
        "text_config",
        "vision_config",
        "audio_config");
    return changes;
  }

  private static void add(
      Map<String, Change> changes, Neutral neutral, String remedy, String... keys) {
    for (String key : keys) {
      changes.put(key, new Change(neutral, remedy));
    }
  }

  /** Refuses the first key that would change the computation. */
  static void refuseWhatIsNotComputed(ConfigValues config) {
    CHANGES.forEach(
        (key, change) -> {
          if (config.has(key) && !change.neutral().holds(config.get(key))) {
            throw config.unsupported(config.said(key), change.remedy());
          }
        });
  }

  /** Keys with a value that no table has. */
  static List<String> unknown(JsonNode config) {
    List<String> unknown = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : config.properties()) {
      String key = entry.getKey();
      boolean known =
          COMPUTED.contains(key)
              || WITHOUT_EFFECT.contains(key)
              || CHANGES.containsKey(key)
              || ALIASES.values().stream().anyMatch(names -> names.contains(key));
      if (!known && !entry.getValue().isNull()) {
        unknown.add(key);
      }
    }
    unknown.addAll(RotaryJson.unknownKeys(config));
    return unknown;
  }
}
