package dev.tandem.trainer.model.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which files a directory's weights are in, and what a kill leaves. */
final class WeightFilesTest {

  private static final long ONE_FILE = Long.MAX_VALUE;
  private static final long SHARDS = 16; // two of the four tensors below in a shard

  @TempDir private Path directory;

  /** Four tensors of two singles, all of one value. */
  private static Map<String, SafetensorsWriter.Tensor> tensors(float value) {
    Map<String, SafetensorsWriter.Tensor> tensors = new TreeMap<>();
    for (String name : List.of("a", "b", "c", "d")) {
      tensors.put(name, new SafetensorsWriter.Tensor(new long[] {2}, new float[] {value, value}));
    }
    return tensors;
  }

  /** The same, but reading the tensor fails halfway, as a kill would end it. */
  private static Map<String, SafetensorsWriter.Tensor> failingAt(String name, float value) {
    Map<String, SafetensorsWriter.Tensor> tensors = tensors(value);
    tensors.put(
        name,
        new SafetensorsWriter.Tensor(
            ElementType.F32,
            List.of(2L),
            sink -> {
              throw new IOException("killed");
            }));
    return tensors;
  }

  /** All values as a reader finds them. */
  private Map<String, Float> read() {
    Map<String, Float> values = new HashMap<>();
    for (Path file : WeightFiles.locate(directory)) {
      try (Safetensors tensors = Safetensors.open(file)) {
        tensors.entries().keySet().forEach(name -> values.put(name, tensors.read(name)[1]));
      }
    }
    return values;
  }

  private static Map<String, Float> all(float value) {
    return Map.of("a", value, "b", value, "c", value, "d", value);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void writesShardsUpToTheLimitWithAnIndex() throws IOException {
    WeightFiles.write(directory, tensors(1), SHARDS);
    assertThat(names())
        .containsExactly(
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors",
            "model.safetensors.index.json");
    assertThat(JsonFiles.read(directory.resolve("model.safetensors.index.json")).toString())
        .isEqualTo(
            "{'metadata':{'total_size':32},'weight_map':{'a':'model-00001-of-00002.safetensors','b':'model-00001-of-00002.safetensors','c':'model-00002-of-00002.safetensors','d':'model-00002-of-00002.safetensors'}}"
                .replace('\'', '"'));
    assertThat(read()).isEqualTo(all(1));
  }

  @Test
  void givesATensorLargerThanTheLimitAShardOfItsOwn() throws IOException {
    WeightFiles.write(directory, tensors(1), 1);
    assertThat(names()).hasSize(5);
    assertThat(read()).isEqualTo(all(1));
  }

  @ParameterizedTest
  @CsvSource({"false, false", "false, true", "true, false", "true, true"})
  void replacesAWholeSetAndLeavesNoFileOfTheOld(boolean oldSharded, boolean newSharded)
      throws IOException {
    Files.writeString(directory.resolve("config.json"), "{}");
    WeightFiles.write(directory, tensors(1), oldSharded ? SHARDS : ONE_FILE);
    WeightFiles.write(directory, tensors(2), newSharded ? SHARDS : ONE_FILE);
    assertThat(read()).isEqualTo(all(2));
    assertThat(names()).hasSize(newSharded ? 4 : 2).contains("config.json");
  }

  @ParameterizedTest
  @CsvSource({
    "false, false, a",
    "false, true, a",
    "false, true, d",
    "true, false, d",
    "true, true, a",
    "true, true, d"
  })
  void aSaveThatIsCutShortLeavesTheOldSet(boolean oldSharded, boolean newSharded, String last)
      throws IOException {
    WeightFiles.write(directory, tensors(1), oldSharded ? SHARDS : ONE_FILE);
    assertThatThrownBy(
            () -> WeightFiles.write(directory, failingAt(last, 2), newSharded ? SHARDS : ONE_FILE))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("killed");
    assertThat(read()).isEqualTo(all(1));
    // The next save succeeds and clears away what the last one left.
    WeightFiles.write(directory, tensors(3), newSharded ? SHARDS : ONE_FILE);
    assertThat(read()).isEqualTo(all(3));
    assertThat(names()).hasSize(newSharded ? 3 : 1);
  }

  @Test
  void clearsAwayTheDraftsOfAKilledProcess() throws IOException {
    Files.writeString(directory.resolve(".model-00001-of-00002.safetensors.123-45.tmp"), "half");
    Files.writeString(directory.resolve(".model.safetensors.index.json.123-45.tmp"), "half");
    Files.writeString(directory.resolve("model.safetensors.notes"), "mine");
    WeightFiles.write(directory, tensors(1), ONE_FILE);
    assertThat(names()).containsExactly("model.safetensors", "model.safetensors.notes");
  }

  @Test
  void readersFindTheOldSetWhileTheNewOneIsWritten() {
    WeightFiles.write(directory, tensors(1), SHARDS);
    Map<String, SafetensorsWriter.Tensor> watching = tensors(2);
    SafetensorsWriter.Tensor last =
        new SafetensorsWriter.Tensor(new long[] {2}, new float[] {2, 2});
    watching.put(
        "d",
        new SafetensorsWriter.Tensor(
            last.type(),
            last.shape(),
            sink -> {
              assertThat(read()).isEqualTo(all(1));
              last.content().writeTo(sink);
            }));
    WeightFiles.write(directory, watching, SHARDS);
    assertThat(read()).isEqualTo(all(2));
  }

  @Test
  void refusesContentOfAnotherLengthThanItsShape() throws IOException {
    WeightFiles.write(directory, tensors(1), ONE_FILE);
    Map<String, SafetensorsWriter.Tensor> wrong = tensors(2);
    wrong.put(
        "a",
        new SafetensorsWriter.Tensor(
            ElementType.F16,
            List.of(3L),
            sink -> sink.accept(java.nio.ByteBuffer.wrap(new byte[4]))));
    assertThatThrownBy(() -> WeightFiles.write(directory, wrong, ONE_FILE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a gave 4 bytes of 6");
    assertThat(read()).isEqualTo(all(1));
    assertThat(Arrays.asList("model.safetensors")).isEqualTo(names());
  }
}
