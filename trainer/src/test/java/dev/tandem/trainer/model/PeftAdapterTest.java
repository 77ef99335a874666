package dev.tandem.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PeftAdapterTest {

  private static final String DOWN = "model.layers.1.mlp.down_proj";
  private static final int RANK = 3;
  private static final int ROWS = 32; // hidden size
  private static final int COLUMNS = 48; // inner width of the MLP

  @TempDir private Path directory;
  private Path base = Path.of("");
  private Path adapter = Path.of("");
  private final float[] a = new float[RANK * COLUMNS];
  private final float[] b = new float[ROWS * RANK];

  @BeforeEach
  void writeAModelAndAnAdapter() throws IOException {
    base = Files.createDirectory(directory.resolve("base"));
    Files.write(base.resolve("config.json"), JsonFiles.bytes(TestModels.spec().toJson()));
    try (Decoder decoder = TestModels.decoder()) {
      decoder.saveWeights(base);
    }
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < a.length; i++) {
      a[i] = (float) random.nextGaussian();
    }
    for (int i = 0; i < b.length; i++) {
      b[i] = (float) random.nextGaussian();
    }
    adapter = Files.createDirectory(directory.resolve("adapter"));
    write(DOWN, COLUMNS);
    configure("\"r\": 3, \"lora_alpha\": 6");
  }

  private void write(String module, int columns) {
    String prefix = "base_model.model." + module;
    Map<String, SafetensorsWriter.Tensor> tensors = new TreeMap<>();
    tensors.put(
        prefix + ".lora_A.weight",
        new SafetensorsWriter.Tensor(new long[] {a.length / columns, columns}, a));
    tensors.put(
        prefix + ".lora_B.weight", new SafetensorsWriter.Tensor(new long[] {ROWS, RANK}, b));
    SafetensorsWriter.write(adapter.resolve("adapter_model.safetensors"), tensors, Map.of());
  }

  private void configure(String settings) throws IOException {
    Files.writeString(
        adapter.resolve("adapter_config.json"), "{\"peft_type\": \"LORA\", " + settings + "}");
  }

  private void merge(WeightFormat format) {
    new PeftAdapter(adapter).merge(HfCheckpoint.open(base), directory.resolve("merged"), format);
  }

  @Test
  void addsTheScaledProductToTheMatrixItNamesAndToNoOther() {
    merge(WeightFormat.SINGLE);
    try (Safetensors before = Safetensors.open(base.resolve("model.safetensors"));
        Safetensors after = Safetensors.open(directory.resolve("merged/model.safetensors"))) {
      assertThat(after.entries().keySet()).isEqualTo(before.entries().keySet());
      for (String name : before.entries().keySet()) {
        float[] expected = before.read(name);
        if (name.equals(DOWN + ".weight")) {
          for (int row = 0; row < ROWS; row++) {
            for (int column = 0; column < COLUMNS; column++) {
              double product = 0;
              for (int k = 0; k < RANK; k++) {
                product += (double) b[row * RANK + k] * a[k * COLUMNS + column];
              }
              expected[row * COLUMNS + column] += (float) (6.0 / 3 * product);
            }
          }
          assertThat(after.read(name)).containsExactly(expected, within(1e-5f));
        } else {
          assertThat(after.read(name)).as(name).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void roundsOnceAfterMerging() {
    merge(WeightFormat.SINGLE);
    float[] exact;
    try (Safetensors single = Safetensors.open(directory.resolve("merged/model.safetensors"))) {
      exact = single.read(DOWN + ".weight");
    }
    merge(new WeightFormat(ElementType.F16, Long.MAX_VALUE));
    try (Safetensors half = Safetensors.open(directory.resolve("merged/model.safetensors"))) {
      float[] rounded = half.read(DOWN + ".weight");
      for (int i = 0; i < exact.length; i++) {
        assertThat(rounded[i]).isEqualTo(Float.float16ToFloat(Float.floatToFloat16(exact[i])));
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"r\": 3, \"lora_alpha\": 6, \"use_dora\": true|use_dora is not supported",
        "\"r\": 3, \"lora_alpha\": 6, \"use_rslora\": true|use_rslora is not supported",
        "\"r\": 3, \"lora_alpha\": 6, \"rank_pattern\": {\"q\": 1}|rank_pattern is not supported",
        "\"r\": 3, \"lora_alpha\": 6, \"modules_to_save\": [\"lm_head\"]|modules_to_save is not",
        "\"r\": 0, \"lora_alpha\": 6|states r 0 and lora_alpha 6; correct the file",
      })
  void refusesByNameWhatItWouldMergeWrongly(String settings, String problem) throws IOException {
    configure(settings);
    assertThatThrownBy(() -> merge(WeightFormat.SINGLE))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(problem);
    assertThat(directory.resolve("merged")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"model.layers.9.mlp.down_proj, 48, (absent)", "model.layers.1.mlp.down_proj, 24, 48"})
  void refusesAnAdapterOfAnotherModel(String module, int columns, String shape) {
    write(module, columns);
    assertThatThrownBy(() -> merge(WeightFormat.SINGLE))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("adapter_model.safetensors: does not fit")
        .hasMessageContaining(module)
        .hasMessageContaining(shape);
  }
}
