package dev.tandem.trainer.model.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.trainer.model.Fixtures;
import dev.tandem.trainer.model.TestModels;
import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.file.JsonFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A config.json that says two things about one matter, or more than the decoder computes. */
final class ConfigConflictsTest {
  private static final Path SOURCE = Path.of("config.json");
  private static final String LLAMA3 =
      "'rope_type': 'llama3', 'factor': 32.0, 'low_freq_factor': 1.0, 'high_freq_factor': 4.0,"
          + " 'original_max_position_embeddings': 8192";

  /** The keys that shape Qwen2.5-0.5B-Instruct's computation, and some of those that do not. */
  private static final String QWEN2_5 =
      """
      {'architectures': ['Qwen2ForCausalLM'], 'attention_dropout': 0.0, 'bos_token_id': 151643,
       'eos_token_id': 151645, 'hidden_act': 'silu', 'hidden_size': 896, 'initializer_range': 0.02,
       'intermediate_size': 4864, 'max_position_embeddings': 32768, 'max_window_layers': 21,
       'model_type': 'qwen2', 'num_attention_heads': 14, 'num_hidden_layers': 24,
       'num_key_value_heads': 2, 'rms_norm_eps': 1e-06, %s, 'sliding_window': 32768,
       'tie_word_embeddings': true, 'torch_dtype': 'bfloat16', 'use_cache': true,
       'use_sliding_window': false, 'vocab_size': 151936}
      """;

  private static final String QWEN3 =
      """
      {'architectures': ['Qwen3ForCausalLM'], 'attention_bias': false, 'attention_dropout': 0.0,
       'bos_token_id': 151643, 'eos_token_id': 151645, 'head_dim': 128, 'hidden_act': 'silu',
       'hidden_size': 1024, 'initializer_range': 0.02, 'intermediate_size': 3072,
       'max_position_embeddings': 40960, 'max_window_layers': 28, 'model_type': 'qwen3',
       'num_attention_heads': 16, 'num_hidden_layers': 28, 'num_key_value_heads': 8,
       'rms_norm_eps': 1e-06, %s, 'sliding_window': null, 'tie_word_embeddings': true,
       'torch_dtype': 'bfloat16', 'use_cache': true, 'use_sliding_window': false,
       'vocab_size': 151936}
      """;

  private static final String LLAMA_3_2 =
      """
      {'architectures': ['LlamaForCausalLM'], 'attention_bias': false, 'attention_dropout': 0.0,
       'bos_token_id': 128000, 'eos_token_id': [128001, 128008, 128009], 'head_dim': 64,
       'hidden_act': 'silu', 'hidden_size': 2048, 'initializer_range': 0.02,
       'intermediate_size': 8192, 'max_position_embeddings': 131072, 'mlp_bias': false,
       'model_type': 'llama', 'num_attention_heads': 32, 'num_hidden_layers': 16,
       'num_key_value_heads': 8, 'pretraining_tp': 1, 'rms_norm_eps': 1e-05, %s,
       'tie_word_embeddings': true, 'torch_dtype': 'bfloat16', 'use_cache': true,
       'vocab_size': 128256}
      """;

  @TempDir private Path folder;

  private static ObjectNode json(String text) throws JsonProcessingException {
    return (ObjectNode) JsonFiles.MAPPER.readTree(text.replace('\'', '"'));
  }

  @Test
  void readsPublishedFamiliesAlikeInBothSpellings() throws JsonProcessingException {
    for (String family : new String[] {QWEN2_5, QWEN3}) {
      ObjectNode older = json(family.formatted("'rope_theta': 1000000.0, 'rope_scaling': null"));
      ObjectNode newer =
          json(
              family.formatted(
                  "'rope_parameters': {'rope_theta': 1000000.0, 'rope_type': 'default'}"));
      assertThat(ConfigJson.unknownKeys(older)).isEmpty();
      assertThat(ModelSpec.fromJson(SOURCE, newer)).isEqualTo(ModelSpec.fromJson(SOURCE, older));
      assertThat(ModelSpec.fromJson(SOURCE, older).rotary())
          .isEqualTo(new RotaryEmbedding(1e6, new RotaryEmbedding.Unscaled()));
    }
    ObjectNode older =
        json(LLAMA_3_2.formatted("'rope_theta': 500000.0, 'rope_scaling': {%s}".formatted(LLAMA3)));
    ObjectNode newer =
        json(
            LLAMA_3_2.formatted(
                "'rope_parameters': {'rope_theta': 500000.0, %s}".formatted(LLAMA3)));
    assertThat(ConfigJson.unknownKeys(newer)).isEmpty();
    assertThat(ModelSpec.fromJson(SOURCE, newer)).isEqualTo(ModelSpec.fromJson(SOURCE, older));
    assertThat(ModelSpec.fromJson(SOURCE, newer).rotary())
        .isEqualTo(new RotaryEmbedding(500_000, new RotaryEmbedding.Llama3(32, 1, 4, 8192)));
  }

  @Test
  void readsTwoSpellingsThatSayTheSame() throws JsonProcessingException {
    ObjectNode both =
        json(
            LLAMA_3_2.formatted(
                "'rope_theta': 500000, 'rope_scaling': {%s}, 'rope_parameters': {'rope_theta': 500000.0, %s}"
                    .formatted(LLAMA3, LLAMA3)));
    assertThat(ModelSpec.fromJson(SOURCE, both).rotary().scaling())
        .isInstanceOf(RotaryEmbedding.Llama3.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"qwen3-tied", "qwen2-untied", "llama-gqa", "llama3-rope"})
  void knowsEveryKeyThatTransformersWrites(String name) {
    Path config = Fixtures.checkpoint(name).resolve("config.json");
    assertThat(ModelSpec.read(config).layers()).isEqualTo(3);
    assertThat(ConfigJson.unknownKeys(JsonFiles.read(config))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          'rope_scaling': {'rope_type': 'yarn', 'factor': 4.0}, 'rope_parameters': {'rope_type': 'default'} | rope_parameters {'rope_type':'default'} contradicts rope_scaling {'rope_type':'yarn','factor':4.0}; keep
          'rope_scaling': {'type': 'linear', 'factor': 4.0}, 'rope_parameters': {'rope_theta': 10000} | rope_parameters {'rope_theta':10000} contradicts rope_scaling {'type':'linear','factor':4.0}; keep
          'rope_scaling': {'type': 'linear', 'factor': 4.0}, 'rope_parameters': {'type': 'linear', 'factor': 2} | rope_parameters {'type':'linear','factor':2} contradicts rope_scaling {'type':'linear','factor':4.0}; keep
          'rope_parameters': {'rope_type': 'default', 'type': 'mrope'} | rope_parameters.rope_type 'default' contradicts rope_parameters.type 'mrope'
          'rope_parameters': {'rope_type': 'default', 'factor': 8} | rope_parameters.rope_type 'default' contradicts rope_parameters.factor 8
          'rope_parameters': {'rope_type': 'linear', 'factor': 8, 'beta_fast': 32} | rope_parameters.rope_type 'linear' contradicts rope_parameters.beta_fast 32
          'rope_theta': 10000.0, 'rope_parameters': {'rope_theta': 1000000} | rope_parameters.rope_theta 1000000 contradicts rope_theta 10000.0
          'rope_parameters': 'default' | rope_parameters must be an object, was 'default'; correct the file
          'rope_parameters': {'rope_type': 7} | rope_parameters.rope_type must be a text, was 7
          'rope_parameters': {'partial_rotary_factor': 0.25} | rope_parameters.partial_rotary_factor 0.25 is not supported; choose a model that rotates whole heads
          'architectures': ['Qwen2ForCausalLM'] | architectures ['Qwen2ForCausalLM'] contradicts model_type 'qwen3', whose models are Qwen3ForCausalLM; choose
          'architectures': ['Qwen3ForSequenceClassification'] | architectures ['Qwen3ForSequenceClassification'] contradicts model_type 'qwen3'
          'auto_map': {'AutoModelForCausalLM': 'modeling_mine.Mine'} | auto_map {'AutoModelForCausalLM':'modeling_mine.Mine'} is not supported; choose a model without code of its own
          'dtype': 'float16', 'torch_dtype': 'bfloat16' | torch_dtype 'bfloat16' contradicts dtype 'float16'; keep
          'rms_norm_eps': 1e-6, 'layer_norm_eps': 1e-5 | rms_norm_eps 1.0E-6 contradicts layer_norm_eps 1.0E-5
          'hidden_act': 'silu', 'hidden_activation': 'gelu' | hidden_act 'silu' contradicts hidden_activation 'gelu'
          'kv_channels': 64 | head_dim 12 contradicts kv_channels 64
          'use_sliding_window': true, 'max_window_layers': 0, 'sliding_window': null | use_sliding_window true contradicts sliding_window null
          'use_sliding_window': true, 'max_window_layers': 0, 'sliding_window': 9, 'layer_types': ['full_attention', 'full_attention', 'full_attention'] | use_sliding_window true contradicts layer_types
          'layer_types': ['full_attention'] | layer_types of 1 layers contradicts num_hidden_layers 3
          'tie_word_embeddings': 'yes' | tie_word_embeddings must be true or false, was 'yes'; correct the file
          'num_key_value_heads': 8 | num_attention_heads must be a multiple of num_key_value_heads, was 4 and 8; correct the file
          'quantization_config': {'bits': 4} | quantization_config {'bits':4} is not supported; use the checkpoint's unquantised original
          'num_experts': 8 | num_experts 8 is not supported; choose a dense model
          'attn_logit_softcapping': 50.0 | attn_logit_softcapping 50.0 is not supported; choose a model without it
          'attention_multiplier': 0.015625 | attention_multiplier 0.015625 is not supported
          'residual_multiplier': 0.22 | residual_multiplier 0.22 is not supported; choose a model without that factor
          'embedding_multiplier': 12 | embedding_multiplier 12 is not supported
          'logits_scaling': 8.0 | logits_scaling 8.0 is not supported
          'partial_rotary_factor': 0.5 | partial_rotary_factor 0.5 is not supported; choose a model that rotates whole heads
          'is_causal': false | is_causal false is not supported; choose a model that reads from left to right
          'use_qk_norm': true | use_qk_norm true is not supported
          'dual_chunk_attention_config': {'chunk_size': 262144} | dual_chunk_attention_config {'chunk_size':262144} is not supported
          'norm_type': 'layer_norm' | norm_type 'layer_norm' is not supported; choose a model with RMS norms
          'position_embedding_type': 'alibi' | position_embedding_type 'alibi' is not supported
          """)
  void refusesByNameWhatContradictsOrIsNotComputed(String keys, String problem)
      throws JsonProcessingException {
    ObjectNode config = TestModels.spec().toJson();
    config.remove("rope_theta");
    config.remove("rope_parameters");
    config.setAll(json("{" + keys + "}"));
    assertThatThrownBy(() -> ModelSpec.fromJson(SOURCE, config))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("config.json: ")
        .hasMessageContaining("; ")
        .hasMessageContaining(problem.replace('\'', '"').replace("checkpoint\"s", "checkpoint's"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "'residual_multiplier': 1.0, 'logits_scaling': 1",
        "'quantization_config': null, 'num_experts': 0, 'pruned_heads': {}",
        "'partial_rotary_factor': 1.0, 'is_causal': true, 'use_mrope': false",
        "'attention_dropout': 0.1, 'pretraining_tp': 2, 'temperature': 0.7",
        "'norm_type': 'RMSNorm', 'position_embedding_type': 'rope'",
        "'auto_map': {'AutoTokenizer': ['tokenization_mine.Mine', null]}",
        "'dtype': 'bfloat16', 'torch_dtype': 'bfloat16'",
      })
  void passesWhatChangesNothing(String keys) throws JsonProcessingException {
    ObjectNode config = TestModels.spec().toJson();
    config.setAll(json("{" + keys + "}"));
    assertThat(ModelSpec.fromJson(SOURCE, config)).isEqualTo(TestModels.spec());
    assertThat(ConfigJson.unknownKeys(config)).isEmpty();
  }

  @Test
  void namesKeysThatNobodyKnows() throws JsonProcessingException {
    ObjectNode config = TestModels.spec().toJson();
    config.setAll(json("{'frobnication': 3, 'hyper_skip': null}"));
    ((ObjectNode) config.path("rope_parameters")).put("wobble", 0.5);
    assertThat(ConfigJson.unknownKeys(config))
        .containsExactly("frobnication", "rope_parameters.wobble");
  }

  @Test
  void refusesQwen2sAttentionBiasWhereItIsDenied() throws JsonProcessingException {
    ObjectNode config = TestModels.untied().toJson();
    config.put("attention_bias", false);
    assertThatThrownBy(() -> ModelSpec.fromJson(SOURCE, config))
        .hasMessageContaining("attention_bias false contradicts model_type \"qwen2\"");
    config.put("attention_bias", true);
    assertThat(ModelSpec.fromJson(SOURCE, config)).isEqualTo(TestModels.untied());
  }

  @Test
  void refusesAHiddenSizeThatHeadsDoNotDivide() throws JsonProcessingException {
    ObjectNode config = TestModels.untied().toJson();
    config.remove("head_dim");
    config.put("num_attention_heads", 5);
    assertThatThrownBy(() -> ModelSpec.fromJson(SOURCE, config))
        .hasMessageContaining("hidden_size 24 is no multiple of num_attention_heads 5");
  }

  @Test
  void refusesAKeyThatIsGivenTwice() throws IOException {
    String text = TestModels.spec().toJson().toString();
    Path file =
        Files.writeString(
            folder.resolve("config.json"),
            text.substring(0, text.length() - 1) + ",\n\"vocab_size\": 41}");
    assertThatThrownBy(() -> ModelSpec.read(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("gives a key a second time at line 2")
        .hasMessageContaining("vocab_size");
  }
}
