package dev.tandem.trainer.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.harness.model.Message;
import dev.tandem.trainer.Tiny;
import dev.tandem.trainer.checkpoint.HfCheckpoint;
import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.file.Safetensors;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.runtime.TrainRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PolicyTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private static List<int[]> rows(Policy policy) {
    return List.of(
        policy.format().prompt(List.of(Message.system("you are in"), Message.user("a room ."))),
        policy.format().response("go to shelf 1"));
  }

  private JsonNode json(String file) throws IOException {
    return JSON.readTree(folder.resolve(file).toFile());
  }

  @Test
  void whatItSavesItLoadsAgainToTheBit() throws IOException {
    try (Policy fresh = Tiny.policy(5)) {
      fresh.save(folder);
      try (Policy loaded = Policy.load(folder, 10, Tiny.EXECUTION)) {
        assertThat(loaded.decoder().weightsSha256()).isEqualTo(fresh.decoder().weightsSha256());
        assertThat(loaded.decoder().spec()).isEqualTo(fresh.decoder().spec());
        assertThat(loaded.decoder().score(rows(loaded)))
            .isDeepEqualTo(fresh.decoder().score(rows(fresh)));
        Path again = folder.resolve("again");
        loaded.save(again);
        for (String file : files(folder)) {
          assertThat(again.resolve(file)).hasSameBinaryContentAs(folder.resolve(file));
        }
      }
    }
  }

  private static List<String> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> file.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void layItsFilesOutAsHuggingFaceDoes() throws IOException {
    try (Policy policy = Tiny.policy(5)) {
      policy.save(folder);
    }
    assertThat(files(folder))
        .containsExactly(
            "config.json",
            "generation_config.json",
            "model.safetensors",
            "tokenizer.json",
            "tokenizer_config.json");
    JsonNode config = json("config.json");
    assertThat(config.path("model_type").asText()).isEqualTo("qwen3");
    assertThat(config.path("architectures").path(0).asText()).isEqualTo("Qwen3ForCausalLM");
    assertThat(config.path("tie_word_embeddings").asBoolean()).isTrue();
    assertThat(config.path("num_hidden_layers").asInt()).isEqualTo(1);
    assertThat(config.path("hidden_size").asInt()).isEqualTo(32);
    assertThat(config.path("eos_token_id").asInt()).isEqualTo(2);
    assertThat(HfCheckpoint.open(folder).endOfSequenceIds()).containsExactly(2);
    JsonNode tokenizer = json("tokenizer_config.json");
    assertThat(tokenizer.path("chat_template").asText()).isEqualTo(RoleTokenFormat.TEMPLATE);
    assertThat(tokenizer.path("eos_token").asText()).isEqualTo("<|end|>");
    assertThat(tokenizer.path("model_max_length").asInt()).isEqualTo(256);
    assertThat(json("tokenizer.json").path("model").path("vocab").size())
        .isEqualTo(config.path("vocab_size").asInt());
  }

  @Test
  void namesItsTensorsAsHuggingFaceDoesAndStoresTheTiedMatrixOnce() throws IOException {
    try (Policy policy = Tiny.policy(5)) {
      policy.save(folder);
      int vocabulary = policy.decoder().spec().vocabularySize();
      try (Safetensors tensors = Safetensors.open(folder.resolve("model.safetensors"))) {
        assertThat(tensors.metadata()).containsEntry("format", "pt");
        List<String> expected = new ArrayList<>();
        expected.add("model.embed_tokens.weight");
        expected.add("model.norm.weight");
        for (String part :
            List.of(
                "input_layernorm",
                "post_attention_layernorm",
                "self_attn.q_proj",
                "self_attn.k_proj",
                "self_attn.v_proj",
                "self_attn.o_proj",
                "self_attn.q_norm",
                "self_attn.k_norm",
                "mlp.gate_proj",
                "mlp.up_proj",
                "mlp.down_proj")) {
          expected.add("model.layers.0." + part + ".weight");
        }
        assertThat(tensors.entries().keySet()).containsExactlyInAnyOrderElementsOf(expected);
        tensors
            .entries()
            .values()
            .forEach(entry -> assertThat(entry.type().name()).isEqualTo("F32"));
        assertThat(shape(tensors, "model.embed_tokens.weight"))
            .containsExactly((long) vocabulary, 32L);
        assertThat(shape(tensors, "model.layers.0.self_attn.k_proj.weight"))
            .containsExactly(16L, 32L);
        assertThat(shape(tensors, "model.layers.0.mlp.down_proj.weight")).containsExactly(32L, 64L);
      }
    }
  }

  private static List<Long> shape(Safetensors tensors, String name) {
    return Objects.requireNonNull(tensors.entries().get(name)).shape();
  }

  @Test
  void oneSeedIsOneModel() {
    try (Policy first = Tiny.policy(5);
        Policy second = Tiny.policy(5);
        Policy other = Tiny.policy(6)) {
      assertThat(second.decoder().weightsSha256()).isEqualTo(first.decoder().weightsSha256());
      assertThat(other.decoder().weightsSha256()).isNotEqualTo(first.decoder().weightsSha256());
    }
  }

  @Test
  void aCopyStaysAsItIsWhenTheOriginalLearns() {
    try (Policy policy = Tiny.policy(5);
        Policy frozen = policy.copy()) {
      String before = frozen.decoder().weightsSha256();
      assertThat(before).isEqualTo(policy.decoder().weightsSha256());
      TrainRecord lesson =
          TrainRecord.unconstrained(
              policy.format().prompt(List.of(Message.user("a room"))),
              policy.format().response("go to bed 1"));
      try (Optimiser optimiser = Tiny.optimiser(policy)) {
        policy.decoder().trainStep(List.of(lesson), optimiser, 1e-2, 1);
      }
      assertThat(policy.decoder().weightsSha256()).isNotEqualTo(before);
      assertThat(frozen.decoder().weightsSha256()).isEqualTo(before);
    }
  }

  @Test
  void refusesATokenizerWithMoreTokensThanTheModel() throws IOException {
    try (Policy policy = Tiny.policy(5)) {
      policy.save(folder);
    }
    ObjectNode tokenizer = (ObjectNode) json("tokenizer.json");
    ObjectNode vocabulary = (ObjectNode) tokenizer.path("model").path("vocab");
    int size = vocabulary.size();
    vocabulary.put("unheard-of", size);
    JSON.writeValue(folder.resolve("tokenizer.json").toFile(), tokenizer);
    assertThatThrownBy(() -> Policy.load(folder, 10, Tiny.EXECUTION))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(
            "%s: has %d tokens but the model has only %d embeddings; use the tokenizer that was made for it"
                .formatted(folder.resolve("tokenizer.json"), size + 1, size));
  }
}
