package dev.tandem.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.file.CheckpointFiles;
import dev.tandem.trainer.model.file.ElementType;
import dev.tandem.trainer.model.file.JsonFiles;
import dev.tandem.trainer.model.file.Safetensors;
import dev.tandem.trainer.model.file.SafetensorsWriter;
import dev.tandem.trainer.model.file.WeightFormat;
import dev.tandem.trainer.model.shape.WeightLayout;
import dev.tandem.trainer.model.torch.Execution;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CheckpointFilesTest {

  @TempDir private Path directory;
  private Path weights;

  @BeforeEach
  void saveASmallModel() {
    weights = directory.resolve("model.safetensors");
    CheckpointFiles.write(
        directory.resolve("config.json"), JsonFiles.bytes(TestModels.spec().toJson()));
    try (Decoder decoder = TestModels.decoder()) {
      decoder.saveWeights(directory);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"qwen3-tied", "qwen2-untied", "llama-gqa", "llama3-rope"})
  void savesTheVeryBytesThatTransformersSaved(String name) throws IOException {
    Path checkpoint = Fixtures.checkpoint(name);
    try (Decoder decoder = Decoder.load(checkpoint, Execution.cpu(1))) {
      decoder.saveWeights(directory);
    }
    assertThat(Files.readAllBytes(weights))
        .isEqualTo(Files.readAllBytes(checkpoint.resolve("model.safetensors")));
  }

  @Test
  void savesTheSameBytesAfterLoading() throws IOException {
    byte[] first = Files.readAllBytes(weights);
    try (Decoder decoder = Decoder.load(directory, Execution.cpu(1))) {
      decoder.saveWeights(directory.resolve("again"));
    }
    assertThat(Files.readAllBytes(directory.resolve("again/model.safetensors"))).isEqualTo(first);
    try (Stream<Path> files = Files.list(directory.resolve("again"))) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void leavesTheTiedOutputProjectionOut() {
    try (Safetensors tensors = Safetensors.open(weights)) {
      assertThat(tensors.entries()).containsKey("model.embed_tokens.weight");
      assertThat(tensors.entries()).doesNotContainKey("lm_head.weight");
      assertThat(tensors.metadata()).isEqualTo(Map.of("format", "pt"));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 7, 8, 100, 5000, -1})
  void namesATruncatedFile(int length) throws IOException {
    byte[] bytes = Files.readAllBytes(weights);
    Files.write(weights, Arrays.copyOf(bytes, length < 0 ? bytes.length + length : length));
    assertThatThrownBy(() -> Decoder.load(directory, Execution.cpu(1)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("model.safetensors")
        .hasMessageContaining("copy");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[9]|needs 36 bytes but has offsets [0,32]",
        "[-8]|has dimension -8",
        "[4611686018427387904,4]|needs 9223372036854775807 bytes",
      })
  void refusesAShapeThatContradictsTheOffsets(String shape, String problem) throws IOException {
    writeRaw(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[0,32]}}".formatted(shape), 32);
    assertThatThrownBy(() -> Safetensors.open(weights))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("tensor a")
        .hasMessageContaining(problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}|has dtype I64; convert",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}|begins at byte 4 where 0",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}|4 bytes of tensors, the"
            + " file has 8",
        "{\"a\":|a header that is not JSON",
      })
  void refusesADamagedHeader(String header, String problem) throws IOException {
    writeRaw(header, 8);
    assertThatThrownBy(() -> Safetensors.open(weights))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(problem);
  }

  @Test
  void refusesAHeaderLengthThatIsNegativeAsASignedNumber() throws IOException {
    Files.write(weights, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, '{', '}'});
    assertThatThrownBy(() -> Safetensors.open(weights))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("states a header of 18446744073709551615 bytes in a file of 10");
  }

  @Test
  void readsHalfPrecisionAsSingles() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    data.putShort(Float.floatToFloat16(1.5f)).putShort(Float.floatToFloat16(-0.25f));
    data.putShort((short) 0x3FC0).putShort((short) 0xC000); // 1.5 and -2 in bfloat16
    writeRaw(
        "{\"h\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]},"
            + "\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[4,8]}}",
        data.array());
    try (Safetensors tensors = Safetensors.open(weights)) {
      assertThat(tensors.read("h")).containsExactly(1.5f, -0.25f);
      assertThat(tensors.read("b")).containsExactly(1.5f, -2f);
    }
  }

  @Test
  void listsEveryMissingMisshapenAndUnknownTensorAtOnce() {
    Map<String, SafetensorsWriter.Tensor> tensors = new TreeMap<>();
    try (Safetensors saved = Safetensors.open(weights)) {
      for (Safetensors.Entry entry : saved.entries().values()) {
        long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
        tensors.put(entry.name(), new SafetensorsWriter.Tensor(shape, saved.read(entry.name())));
      }
    }
    tensors.remove("model.norm.weight");
    tensors.remove("model.layers.1.mlp.up_proj.weight");
    tensors.put(
        "model.layers.0.input_layernorm.weight",
        new SafetensorsWriter.Tensor(new long[] {4}, new float[4]));
    tensors.put("surprise", new SafetensorsWriter.Tensor(new long[] {1}, new float[1]));
    SafetensorsWriter.write(weights, tensors, Map.of());
    assertThatThrownBy(() -> Decoder.load(directory, Execution.cpu(1)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("missing model.norm.weight")
        .hasMessageContaining("missing model.layers.1.mlp.up_proj.weight")
        .hasMessageContaining("model.layers.0.input_layernorm.weight has shape [4]")
        .hasMessageContaining("asks for [32]")
        .hasMessageContaining("unknown surprise");
  }

  @Test
  void refusesATieThatTheWeightsDeny() {
    Map<String, SafetensorsWriter.Tensor> tensors = new TreeMap<>();
    try (Safetensors saved = Safetensors.open(weights)) {
      for (Safetensors.Entry entry : saved.entries().values()) {
        long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
        tensors.put(entry.name(), new SafetensorsWriter.Tensor(shape, saved.read(entry.name())));
      }
      long[] shape = {TestModels.spec().vocabularySize(), TestModels.spec().hiddenSize()};
      float[] embedding = saved.read("model.embed_tokens.weight");
      tensors.put("lm_head.weight", new SafetensorsWriter.Tensor(shape, embedding.clone()));
      SafetensorsWriter.write(weights, tensors, Map.of());
      Decoder.load(directory, Execution.cpu(1)).close(); // stored twice, and the same
      embedding[7] += 1;
      tensors.put("lm_head.weight", new SafetensorsWriter.Tensor(shape, embedding));
    }
    SafetensorsWriter.write(weights, tensors, Map.of());
    assertThatThrownBy(() -> Decoder.load(directory, Execution.cpu(1)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("config.json: tie_word_embeddings true contradicts the weights")
        .hasMessageContaining("lm_head.weight differs from model.embed_tokens.weight");
  }

  @Test
  void refusesToGoWithoutAnOutputProjection() {
    ObjectNode config = TestModels.spec().toJson();
    config.put("tie_word_embeddings", false);
    CheckpointFiles.write(directory.resolve("config.json"), JsonFiles.bytes(config));
    assertThatThrownBy(() -> Decoder.load(directory, Execution.cpu(1)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("tie_word_embeddings false contradicts the weights")
        .hasMessageContaining("no lm_head.weight; set it to true");
  }

  @Test
  void shortensALongListOfProblems() {
    SafetensorsWriter.write(weights, Map.of(), Map.of());
    int tensors = WeightLayout.of(TestModels.spec()).slots().size();
    assertThatThrownBy(() -> Decoder.load(directory, Execution.cpu(1)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("missing model.embed_tokens.weight")
        .hasMessageContaining("; and %d more)".formatted(tensors - 12));
  }

  @Test
  void listsTensorsThatAreInTwoShards() throws IOException {
    Files.move(weights, directory.resolve("a.safetensors"));
    Files.copy(directory.resolve("a.safetensors"), directory.resolve("b.safetensors"));
    Files.writeString(
        directory.resolve("model.safetensors.index.json"),
        "{\"weight_map\": {\"x\": \"a.safetensors\", \"y\": \"b.safetensors\"}}");
    assertThatThrownBy(() -> Decoder.load(directory, Execution.cpu(1)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("model.embed_tokens.weight is in a.safetensors and in b.safetensors");
  }

  @Test
  void listsEveryShardThatIsAbsent() throws IOException {
    Files.delete(weights);
    Files.writeString(
        directory.resolve("model.safetensors.index.json"),
        "{\"weight_map\": {\"x\": \"a.safetensors\", \"y\": \"b.safetensors\"}}");
    assertThatThrownBy(() -> Decoder.load(directory, Execution.cpu(1)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("names 2 of 2 shards that are absent (a.safetensors; b.safetensors)");
  }

  @Test
  void refusesAFileThatIsLongerThanItsHeaderSays() throws IOException {
    Files.write(weights, new byte[] {0}, StandardOpenOption.APPEND);
    assertThatThrownBy(() -> Decoder.load(directory, Execution.cpu(1)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("the header describes")
        .hasMessageContaining("copy it again");
  }

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {"F32", "F16", "BF16"})
  void savesUnchangedWeightsAsTheVeryBytesTheyWere(ElementType type) throws IOException {
    Path first = directory.resolve("first");
    Path again = directory.resolve("again");
    Files.createDirectory(first);
    Files.copy(directory.resolve("config.json"), first.resolve("config.json"));
    WeightFormat format = new WeightFormat(type, 9_000);
    try (Decoder decoder = TestModels.decoder()) {
      decoder.saveWeights(first, format);
    }
    try (Decoder decoder = Decoder.load(first, Execution.cpu(1))) {
      decoder.saveWeights(again, format);
    }
    try (Stream<Path> saved = Files.list(again)) {
      List<Path> files = saved.toList();
      assertThat(files).hasSizeGreaterThan(3);
      for (Path file : files) {
        assertThat(file).hasSameBinaryContentAs(first.resolve(file.getFileName()));
      }
    }
  }

  @Test
  void hashesTheTensorsBytesInTheOrderOfTheirNames() throws NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (Safetensors saved = Safetensors.open(weights)) {
      for (String name : new TreeSet<>(saved.entries().keySet())) {
        for (float value : saved.read(name)) {
          int bits = Float.floatToIntBits(value);
          for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            digest.update((byte) (bits >>> shift));
          }
        }
      }
    }
    try (Decoder decoder = TestModels.decoder()) {
      assertThat(decoder.weightsSha256()).isEqualTo(HexFormat.of().formatHex(digest.digest()));
    }
  }

  @Test
  void readsShards() throws IOException {
    String expected;
    Map<String, SafetensorsWriter.Tensor> first = new TreeMap<>();
    Map<String, SafetensorsWriter.Tensor> second = new TreeMap<>();
    StringBuilder map = new StringBuilder();
    try (Decoder decoder = Decoder.load(directory, Execution.cpu(1));
        Safetensors saved = Safetensors.open(weights)) {
      expected = decoder.weightsSha256();
      for (Safetensors.Entry entry : saved.entries().values()) {
        long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
        boolean norm = entry.name().contains("norm");
        (norm ? first : second)
            .put(entry.name(), new SafetensorsWriter.Tensor(shape, saved.read(entry.name())));
        map.append(map.isEmpty() ? "" : ",")
            .append(
                "\"%s\":\"%s\"".formatted(entry.name(), norm ? "a.safetensors" : "b.safetensors"));
      }
    }
    Files.delete(weights);
    SafetensorsWriter.write(directory.resolve("a.safetensors"), first, Map.of());
    SafetensorsWriter.write(directory.resolve("b.safetensors"), second, Map.of());
    Files.writeString(
        directory.resolve("model.safetensors.index.json"), "{\"weight_map\":{" + map + "}}");
    try (Decoder decoder = Decoder.load(directory, Execution.cpu(1))) {
      assertThat(decoder.weightsSha256()).isEqualTo(expected);
    }
  }

  private void writeRaw(String header, int dataBytes) throws IOException {
    writeRaw(header, new byte[dataBytes]);
  }

  private void writeRaw(String header, byte[] data) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer file =
        ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    Files.write(weights, file.putLong(json.length).put(json).put(data).array());
  }
}
