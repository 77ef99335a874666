package dev.tandem.trainer.model.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.trainer.model.TestModels;
import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.file.JsonFiles;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ModelSpecTest {

  private static final Path SOURCE = Path.of("config.json");

  @ParameterizedTest
  @EnumSource(Architecture.class)
  void survivesConfigJson(Architecture architecture) {
    ModelSpec spec =
        new ModelSpec(
            architecture,
            100,
            64,
            3,
            8,
            2,
            24,
            160,
            2048,
            1e-5,
            false,
            new RotaryEmbedding(500_000, new RotaryEmbedding.Llama3(8, 1, 4, 64)),
            0.02);
    assertThat(ModelSpec.fromJson(SOURCE, spec.toJson())).isEqualTo(spec);
  }

  @Test
  void readsLinearScalingInEverySpelling() throws JsonProcessingException {
    RotaryEmbedding expected = new RotaryEmbedding(1e6, new RotaryEmbedding.Linear(4));
    for (String rope :
        List.of(
            "{'rope_parameters': {'rope_theta': 1e6, 'rope_type': 'linear', 'factor': 4.0}}",
            "{'rope_theta': 1e6, 'rope_scaling': {'rope_type': 'linear', 'factor': 4.0}}",
            "{'rope_theta': 1e6, 'rope_scaling': {'type': 'linear', 'factor': 4.0}}")) {
      ObjectNode config = TestModels.spec().toJson();
      config.remove(List.of("rope_theta", "rope_parameters", "rope_scaling"));
      config.setAll((ObjectNode) JsonFiles.MAPPER.readTree(rope.replace('\'', '"')));
      ModelSpec spec = ModelSpec.fromJson(SOURCE, config);
      assertThat(spec.rotary()).as(rope).isEqualTo(expected);
      assertThat(ModelSpec.fromJson(SOURCE, spec.toJson())).isEqualTo(spec);
    }
    double[] plain = new RotaryEmbedding(1e6, new RotaryEmbedding.Unscaled()).frequencies(8);
    double[] scaled = expected.frequencies(8);
    for (int i = 0; i < plain.length; i++) {
      assertThat(scaled[i]).isEqualTo(plain[i] / 4);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "true, 28, false",
    "true, 3, false",
    "true, 2, true",
    "true, 0, true",
    "false, 0, false"
  })
  void refusesASlidingWindowOnlyWhereALayerUsesIt(boolean on, int layersBefore, boolean refused) {
    // The test model has three layers; those from max_window_layers on would slide.
    ObjectNode config = TestModels.spec().toJson();
    config.put("sliding_window", 16);
    config.put("use_sliding_window", on);
    config.put("max_window_layers", layersBefore);
    if (refused) {
      assertThatThrownBy(() -> ModelSpec.fromJson(SOURCE, config))
          .hasMessageContaining(
              "sliding-window attention (use_sliding_window true) is not supported");
    } else {
      assertThat(ModelSpec.fromJson(SOURCE, config)).isEqualTo(TestModels.spec());
    }
  }

  @Test
  void refusesQwen2WithoutItsBiases() {
    ObjectNode config = TestModels.spec().toJson();
    config.put("model_type", "qwen2");
    config.remove("architectures");
    config.remove("attention_bias");
    config.put("qkv_bias", false);
    assertThatThrownBy(() -> ModelSpec.fromJson(SOURCE, config))
        .hasMessageContaining("qkv_bias false contradicts model_type \"qwen2\"");
  }

  @Test
  void takesTheFamilysHeadWidthWhereItIsNotStated() {
    ObjectNode config = TestModels.spec().toJson();
    config.remove("head_dim");
    assertThat(ModelSpec.fromJson(SOURCE, config).headDimension()).isEqualTo(128);
    config.put("model_type", "llama");
    config.remove("architectures");
    assertThat(ModelSpec.fromJson(SOURCE, config).headDimension()).isEqualTo(8);
  }

  @Test
  void readsTheOlderSpellingOfRotaryEmbeddings() throws JsonProcessingException {
    JsonNode config =
        JsonFiles.MAPPER.readTree(
            """
            {"model_type": "llama", "vocab_size": 10, "hidden_size": 16, "num_hidden_layers": 1,
             "num_attention_heads": 4, "intermediate_size": 8, "max_position_embeddings": 32,
             "rope_theta": 500000.0,
             "rope_scaling": {"rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0,
                              "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}}
            """);
    ModelSpec spec = ModelSpec.fromJson(SOURCE, config);
    assertThat(spec.rotary())
        .isEqualTo(new RotaryEmbedding(500_000, new RotaryEmbedding.Llama3(32, 1, 4, 8192)));
    assertThat(spec.keyValueHeads()).isEqualTo(4);
    assertThat(spec.headDimension()).isEqualTo(4);
    assertThat(spec.tiedEmbeddings()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "model_type|\"mamba\"|model_type \"mamba\" is not supported",
        "quantization_config|{\"bits\": 4}|quantization_config {\"bits\":4} is not supported",
        "num_experts|8|num_experts 8 is not supported",
        "layer_types|[\"full_attention\"]|layer_types of 1 layers contradicts num_hidden_layers 3",
        "layer_types|[\"sliding_attention\"]|layer type \"sliding_attention\" (layer_types) is not"
            + " supported",
        "model_type|\"mistral\"|model_type \"mistral\" is not supported; choose a model of type",
        "model_type|\"gemma2\"|model_type \"gemma2\" is not supported",
        "model_type|\"phi3\"|model_type \"phi3\" is not supported",
        "model_type|\"qwen3_moe\"|model_type \"qwen3_moe\" is not supported",
        "num_local_experts|4|num_local_experts 4 is not supported",
        "n_routed_experts|64|n_routed_experts 64 is not supported",
        "attention_bias|true|attention_bias true is not supported",
        "mlp_bias|true|mlp_bias true is not supported",
        "qkv_bias|true|qkv_bias true contradicts model_type \"qwen3\"",
        "partial_rotary_factor|0.5|partial_rotary_factor 0.5 is not supported",
        "hidden_act|\"gelu\"|hidden_act \"gelu\" is not supported",
        "hidden_act|\"gelu_pytorch_tanh\"|hidden_act \"gelu_pytorch_tanh\" is not supported",
        "rope_parameters|{\"rope_type\": \"yarn\"}|rope scaling \"yarn\" (rope_parameters) is not"
            + " supported",
        "rope_parameters|{\"rope_type\": \"dynamic\"}|rope scaling \"dynamic\" (rope_parameters) is"
            + " not supported",
        "rope_parameters|{\"type\": \"longrope\"}|rope scaling \"longrope\" (rope_parameters) is"
            + " not supported",
        "rope_parameters|{\"full_attention\": {}}|rope_parameters by layer type is not supported",
        "rope_parameters|{\"rope_type\": \"linear\"}|factor must be a number, was absent",
        "rope_parameters|{\"rope_type\": \"linear\", \"factor\": 0.5}|linear scaling needs factor",
        "hidden_size|\"big\"|hidden_size must be an integer, was \"big\"",
        "num_key_value_heads|3|num_attention_heads must be a multiple of num_key_value_heads",
      })
  void refusesByNameWhatItWouldComputeWrongly(String key, String value, String problem)
      throws JsonProcessingException {
    ObjectNode config = TestModels.spec().toJson();
    config.set(key, JsonFiles.MAPPER.readTree(value));
    assertThatThrownBy(() -> ModelSpec.fromJson(SOURCE, config))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("config.json: ")
        .hasMessageContaining(problem);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vocab_size", "num_hidden_layers", "max_position_embeddings"})
  void namesAMissingKey(String key) {
    ObjectNode config = TestModels.spec().toJson();
    config.remove(key);
    assertThatThrownBy(() -> ModelSpec.fromJson(SOURCE, config))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(key + " must be an integer, was absent");
  }

  @Test
  void blendsFrequenciesByWavelength() {
    RotaryEmbedding plain = new RotaryEmbedding(500_000, new RotaryEmbedding.Unscaled());
    RotaryEmbedding scaled = new RotaryEmbedding(500_000, new RotaryEmbedding.Llama3(8, 1, 4, 64));
    double[] before = plain.frequencies(16);
    double[] after = scaled.frequencies(16);
    assertThat(after[0]).isEqualTo(before[0]);
    assertThat(after[7]).isCloseTo(before[7] / 8, within(1e-15));
  }

  @Test
  void theHouseModelHasAboutTwoHundredThousandParameters() {
    assertThat(ModelSpec.house(112).parameters()).isBetween(190_000L, 260_000L);
  }
}
