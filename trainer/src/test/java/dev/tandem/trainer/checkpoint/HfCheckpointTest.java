package dev.tandem.trainer.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.Fixtures;
import dev.tandem.trainer.model.TestModels;
import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.file.ElementType;
import dev.tandem.trainer.model.file.JsonFiles;
import dev.tandem.trainer.model.file.WeightFormat;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.tokenizer.TextTokenizer;
import dev.tandem.trainer.tokenizer.WordLevelTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HfCheckpointTest {

  private static final String TEMPLATE = "{% for m in messages %}{{ m['content'] }}{% endfor %}";

  @TempDir private Path directory;

  private static HfCheckpoint.Companions companions(int words) {
    List<String> vocabulary = IntStream.range(0, words).mapToObj(i -> "w" + i).toList();
    return new HfCheckpoint.Companions(
        WordLevelTokenizer.json(List.of("<|end|>"), vocabulary), TEMPLATE, "<|end|>", "<|pad|>");
  }

  @Test
  void createsADirectoryThatItCanOpenAgain() {
    try (Decoder decoder = TestModels.decoder()) {
      HfCheckpoint.create(directory, decoder, companions(30));
      HfCheckpoint opened = HfCheckpoint.open(directory);
      assertThat(opened.spec()).isEqualTo(TestModels.spec());
      assertThat(opened.endOfSequenceIds()).containsExactly(2);
      try (Decoder loaded = opened.loadDecoder(Execution.cpu(1));
          TextTokenizer tokenizer = opened.loadTokenizer()) {
        assertThat(loaded.weightsSha256()).isEqualTo(decoder.weightsSha256());
        assertThat(tokenizer.encode("w0 w29")).containsExactly(3, 32);
      }
    }
    JsonNode config = JsonFiles.read(directory.resolve("tokenizer_config.json"));
    assertThat(config.path("chat_template").asText()).isEqualTo(TEMPLATE);
    assertThat(JsonFiles.read(directory.resolve("config.json")).path("eos_token_id").asInt())
        .isEqualTo(2);
  }

  @Test
  void refusesATokenizerLargerThanTheModelsVocabulary() {
    try (Decoder decoder = TestModels.decoder()) {
      assertThatThrownBy(() -> HfCheckpoint.create(directory, decoder, companions(38)))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("has 41 tokens but the model has only 40 embeddings");
    }
  }

  @Test
  void carriesEveryOtherFileOverOnExport() throws IOException {
    Path source = Fixtures.checkpoint("qwen3-tied");
    HfCheckpoint checkpoint = HfCheckpoint.open(source);
    try (Decoder decoder = checkpoint.loadDecoder(Execution.cpu(1))) {
      checkpoint.export(decoder, directory);
    }
    try (Stream<Path> files = Files.list(source)) {
      for (Path file : files.filter(file -> !file.endsWith("config.json")).toList()) {
        assertThat(directory.resolve(file.getFileName())).hasSameBinaryContentAs(file);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"qwen3-tied", "qwen2-untied", "llama-gqa", "llama3-rope"})
  void spellsTheRotaryEmbeddingForOlderReadersToo(String name) {
    Path source = Fixtures.checkpoint(name);
    HfCheckpoint.open(source).convert(directory, WeightFormat.SINGLE);
    ObjectNode config = (ObjectNode) JsonFiles.read(directory.resolve("config.json"));
    JsonNode before = JsonFiles.read(source.resolve("config.json"));
    JsonNode rope = before.path("rope_parameters");
    assertThat(config.path("rope_theta")).isEqualTo(rope.path("rope_theta"));
    config.remove("rope_parameters");
    assertThat(ModelSpec.fromJson(source, config))
        .isEqualTo(ModelSpec.read(source.resolve("config.json")));
    config.set("rope_parameters", rope);
    config.remove(List.of("rope_theta", "rope_scaling", "torch_dtype"));
    assertThat(config).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {"F32", "F16", "BF16"})
  void convertsFromFileToFileAsADecoderWouldSaveIt(ElementType type) throws IOException {
    try (Decoder decoder = TestModels.decoder()) {
      HfCheckpoint checkpoint = HfCheckpoint.create(directory, decoder, companions(30));
      WeightFormat format = new WeightFormat(type, 10_000);
      checkpoint.convert(directory.resolve("converted"), format);
      checkpoint.export(decoder, directory.resolve("saved"), format);
      assertThat(checkpoint.weightsSha256()).isEqualTo(decoder.weightsSha256());
    }
    try (Stream<Path> saved = Files.list(directory.resolve("saved"))) {
      List<Path> files = saved.toList();
      assertThat(files).hasSizeGreaterThan(6);
      for (Path file : files) {
        assertThat(directory.resolve("converted").resolve(file.getFileName()))
            .hasSameBinaryContentAs(file);
      }
    }
    assertThat(JsonFiles.read(directory.resolve("converted/config.json")).path("dtype").asText())
        .isEqualTo(type.torchName());
  }

  @Test
  void neverCarriesStaleWeightsOver() throws IOException {
    Path source = directory.resolve("source");
    try (Decoder decoder = TestModels.decoder()) {
      HfCheckpoint checkpoint = HfCheckpoint.create(source, decoder, companions(30));
      Files.writeString(source.resolve("pytorch_model.bin"), "stale");
      Files.writeString(source.resolve("model.safetensors.index.json"), "{}");
      Files.writeString(source.resolve("README.md"), "kept");
      checkpoint.export(decoder, directory.resolve("target"));
    }
    assertThat(directory.resolve("target/pytorch_model.bin")).doesNotExist();
    assertThat(directory.resolve("target/model.safetensors.index.json")).doesNotExist();
    assertThat(directory.resolve("target/README.md")).hasContent("kept");
  }

  @Test
  void saysSinglePrecisionWhenTheSourceWasHalf() throws IOException {
    Path source = directory.resolve("source");
    try (Decoder decoder = TestModels.decoder()) {
      HfCheckpoint checkpoint = HfCheckpoint.create(source, decoder, companions(30));
      Path config = source.resolve("config.json");
      Files.writeString(config, Files.readString(config).replace("float32", "bfloat16"));
      checkpoint.export(decoder, directory.resolve("target"));
    }
    JsonNode config = JsonFiles.read(directory.resolve("target/config.json"));
    assertThat(config.path("dtype").asText()).isEqualTo("float32");
    assertThat(config.path("torch_dtype").asText()).isEqualTo("float32");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "config.json|'eos_token_id': 40|config.json: eos_token_id 40 is outside vocab_size 40",
        "generation_config.json|'eos_token_id': [2, -1]|eos_token_id -1 is outside vocab_size 40",
        "generation_config.json|'eos_token_id': 3|generation_config.json: eos_token_id 3"
            + " contradicts eos_token_id 2 of config.json",
        "generation_config.json|'eos_token_id': 'end'|eos_token_id must be an id or a list of ids",
      })
  void refusesIdsThatEndNoResponse(String file, String key, String problem) {
    try (Decoder decoder = TestModels.decoder()) {
      HfCheckpoint.create(directory, decoder, companions(30));
    }
    set(file, key);
    assertThatThrownBy(() -> HfCheckpoint.open(directory))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(problem);
  }

  @Test
  void takesTheGenerationSettingsThatAddAnEnd() {
    try (Decoder decoder = TestModels.decoder()) {
      HfCheckpoint.create(directory, decoder, companions(30));
    }
    set("generation_config.json", "'eos_token_id': [3, 2]");
    HfCheckpoint opened = HfCheckpoint.open(directory);
    assertThat(opened.endOfSequenceIds()).containsExactly(3, 2);
    assertThat(opened.remarks()).isEmpty();
  }

  @Test
  void remarksOnWhatDoesNotAgreeAndOnWhatCannotBeJudged() {
    try (Decoder decoder = TestModels.decoder()) {
      HfCheckpoint.create(directory, decoder, companions(30));
    }
    assertThat(HfCheckpoint.open(directory).remarks()).isEmpty();
    set("config.json", "'frobnication': 3, 'pad_token_id': 7, 'eos_token_id': 5");
    set("generation_config.json", "'eos_token_id': 5");
    assertThat(HfCheckpoint.open(directory).remarks())
        .containsExactly(
            directory.resolve("config.json")
                + ": unknown keys, which may or may not change what the model computes:"
                + " frobnication",
            directory
                + ": pad_token_id is 7 in config.json and 0 in generation_config.json; neither is"
                + " used here",
            directory
                + ": eos_token of tokenizer_config.json is 2 and eos_token_id is 5; responses in a"
                + " conversation end at either");
  }

  private void set(String file, String keys) {
    Path path = directory.resolve(file);
    ObjectNode json = (ObjectNode) JsonFiles.read(path);
    try {
      json.setAll((ObjectNode) JsonFiles.MAPPER.readTree("{" + keys.replace('\'', '"') + "}"));
      Files.write(path, JsonFiles.bytes(json));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
