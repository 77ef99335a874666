package dev.tandem.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.tandem.trainer.model.file.JsonFiles;
import dev.tandem.trainer.model.shape.Architecture;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.shape.RotaryEmbedding;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The configurations of models that people fine-tune, as their publishers wrote them. */
final class PublishedModelTest {

  private static final String QWEN2_5_0_5B =
      """
      {
        "architectures": ["Qwen2ForCausalLM"],
        "attention_dropout": 0.0,
        "bos_token_id": 151643,
        "eos_token_id": 151643,
        "hidden_act": "silu",
        "hidden_size": 896,
        "initializer_range": 0.02,
        "intermediate_size": 4864,
        "max_position_embeddings": 32768,
        "max_window_layers": 24,
        "model_type": "qwen2",
        "num_attention_heads": 14,
        "num_hidden_layers": 24,
        "num_key_value_heads": 2,
        "rms_norm_eps": 1e-06,
        "rope_theta": 1000000.0,
        "sliding_window": 32768,
        "tie_word_embeddings": true,
        "torch_dtype": "bfloat16",
        "transformers_version": "4.40.1",
        "use_cache": true,
        "use_mrope": false,
        "use_sliding_window": false,
        "vocab_size": 151936
      }
      """;

  private static final String QWEN3_0_6B =
      """
      {
        "architectures": ["Qwen3ForCausalLM"],
        "attention_bias": false,
        "attention_dropout": 0.0,
        "bos_token_id": 151643,
        "eos_token_id": 151645,
        "head_dim": 128,
        "hidden_act": "silu",
        "hidden_size": 1024,
        "initializer_range": 0.02,
        "intermediate_size": 3072,
        "max_position_embeddings": 40960,
        "max_window_layers": 28,
        "model_type": "qwen3",
        "num_attention_heads": 16,
        "num_hidden_layers": 28,
        "num_key_value_heads": 8,
        "rms_norm_eps": 1e-06,
        "rope_scaling": null,
        "rope_theta": 1000000,
        "sliding_window": null,
        "tie_word_embeddings": true,
        "torch_dtype": "bfloat16",
        "transformers_version": "4.51.0",
        "use_cache": true,
        "use_sliding_window": false,
        "vocab_size": 151936
      }
      """;

  private static final String LLAMA_3_2_1B =
      """
      {
        "architectures": ["LlamaForCausalLM"],
        "attention_bias": false,
        "attention_dropout": 0.0,
        "bos_token_id": 128000,
        "eos_token_id": 128001,
        "head_dim": 64,
        "hidden_act": "silu",
        "hidden_size": 2048,
        "initializer_range": 0.02,
        "intermediate_size": 8192,
        "max_position_embeddings": 131072,
        "mlp_bias": false,
        "model_type": "llama",
        "num_attention_heads": 32,
        "num_hidden_layers": 16,
        "num_key_value_heads": 8,
        "pretraining_tp": 1,
        "rms_norm_eps": 1e-05,
        "rope_scaling": {
          "factor": 32.0,
          "high_freq_factor": 4.0,
          "low_freq_factor": 1.0,
          "original_max_position_embeddings": 8192,
          "rope_type": "llama3"
        },
        "rope_theta": 500000.0,
        "tie_word_embeddings": true,
        "torch_dtype": "bfloat16",
        "transformers_version": "4.45.0.dev0",
        "use_cache": true,
        "vocab_size": 128256
      }
      """;

  private static ModelSpec parse(String config) throws JsonProcessingException {
    return ModelSpec.fromJson(Path.of("config.json"), JsonFiles.MAPPER.readTree(config));
  }

  @Test
  void readsQwen2Point5() throws JsonProcessingException {
    ModelSpec spec = parse(QWEN2_5_0_5B);
    assertThat(spec)
        .isEqualTo(
            new ModelSpec(
                Architecture.QWEN2,
                151_936,
                896,
                24,
                14,
                2,
                64,
                4864,
                32_768,
                1e-6,
                true,
                new RotaryEmbedding(1e6, new RotaryEmbedding.Unscaled()),
                0.02));
    assertThat(spec.parameters()).isEqualTo(494_032_768L);
  }

  @Test
  void readsQwen3() throws JsonProcessingException {
    ModelSpec spec = parse(QWEN3_0_6B);
    assertThat(spec)
        .isEqualTo(
            new ModelSpec(
                Architecture.QWEN3,
                151_936,
                1024,
                28,
                16,
                8,
                128,
                3072,
                40_960,
                1e-6,
                true,
                new RotaryEmbedding(1e6, new RotaryEmbedding.Unscaled()),
                0.02));
    assertThat(spec.parameters()).isEqualTo(596_049_920L);
  }

  @Test
  void readsLlama3Point2() throws JsonProcessingException {
    ModelSpec spec = parse(LLAMA_3_2_1B);
    assertThat(spec)
        .isEqualTo(
            new ModelSpec(
                Architecture.LLAMA,
                128_256,
                2048,
                16,
                32,
                8,
                64,
                8192,
                131_072,
                1e-5,
                true,
                new RotaryEmbedding(500_000, new RotaryEmbedding.Llama3(32, 1, 4, 8192)),
                0.02));
    assertThat(spec.parameters()).isEqualTo(1_235_814_400L);
  }
}
