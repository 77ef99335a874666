package dev.tandem.trainer.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.file.ElementType;
import dev.tandem.trainer.model.file.JsonFiles;
import dev.tandem.trainer.model.file.Safetensors;
import dev.tandem.trainer.model.file.StoredTensor;
import dev.tandem.trainer.model.learn.AdamWSettings;
import dev.tandem.trainer.model.learn.Gradients;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.sampling.Sample;
import dev.tandem.trainer.model.shape.AdapterLayout;
import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.shape.Projection;
import dev.tandem.trainer.model.shape.WeightLayout;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.model.torch.Precision;
import dev.tandem.trainer.model.weights.Adapter;
import dev.tandem.trainer.model.weights.FusedTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class LoraTest {

  private static final LoraSettings ALL = new LoraSettings(4, 8, EnumSet.allOf(Projection.class));

  @TempDir private Path directory;

  /** Subsets that leave gaps in every fused product. */
  static List<Set<Projection>> targets() {
    return List.of(
        EnumSet.allOf(Projection.class),
        EnumSet.of(Projection.Q_PROJ, Projection.V_PROJ),
        EnumSet.of(Projection.K_PROJ, Projection.UP_PROJ),
        EnumSet.of(Projection.O_PROJ, Projection.GATE_PROJ, Projection.DOWN_PROJ),
        EnumSet.of(Projection.V_PROJ));
  }

  @ParameterizedTest
  @MethodSource("targets")
  void mergedEqualsUnmerged(Set<Projection> targets) {
    List<TrainRecord> records = TestModels.records(1, 20);
    for (ModelSpec spec : List.of(TestModels.spec(), TestModels.untied())) {
      try (Decoder base = Decoder.initialise(spec, 11, Execution.cpu(2));
          Decoder adapted = trained(base, new LoraSettings(3, 5, targets), records, 4);
          Decoder merged = adapted.merged()) {
        float[] expected = adapted.scoreRecords(records);
        assertThat(merged.scoreRecords(records)).containsExactly(expected, within(1e-5f));
        assertThat(largestDifference(expected, base.scoreRecords(records))).isGreaterThan(1e-3);
        assertThat(merged.lora()).isEmpty();
        List<Sample> samples = adapted.sample(TestModels.unconstrained(2, 10, 0));
        List<Sample> plain = merged.sample(TestModels.unconstrained(2, 10, 0));
        for (int i = 0; i < samples.size(); i++) {
          assertThat(plain.get(i).tokens()).isEqualTo(samples.get(i).tokens());
          assertThat(plain.get(i).logProbs())
              .containsExactly(samples.get(i).logProbs(), within(1e-4f));
        }
      }
    }
  }

  @Test
  void aFreshAdapterChangesNothing() {
    List<TrainRecord> records = TestModels.records(3, 20);
    try (Decoder base = TestModels.decoder();
        Decoder adapted = base.withAdapter(ALL, 1)) {
      assertThat(adapted.scoreRecords(records)).isEqualTo(base.scoreRecords(records));
      assertThat(adapted.weightsSha256()).isEqualTo(base.weightsSha256());
    }
  }

  @Test
  void theFrozenWeightsStayAReferencePolicy() {
    List<TrainRecord> records = TestModels.records(4, 20);
    try (Decoder base = TestModels.decoder();
        Decoder adapted = trained(base, ALL, records, 5)) {
      assertThat(adapted.scoreFrozen(records)).isEqualTo(base.scoreRecords(records));
    }
  }

  /** Central differences in 64 bits, along random directions of each of an adapter's tensors. */
  @ParameterizedTest
  @MethodSource("targets")
  void gradientsMatchFiniteDifferences(Set<Projection> targets) {
    List<TrainRecord> records = TestModels.records(5, 6);
    LoraSettings lora = new LoraSettings(2, 3, targets);
    Execution execution = Execution.cpu(1).withPrecision(Precision.FLOAT64);
    ModelSpec spec = TestModels.spec();
    Map<String, float[]> values = eighths(AdapterLayout.of(spec, lora), 6);
    try (Decoder base = Decoder.initialise(spec, 11, execution);
        Decoder decoder = base.withAdapter(adapter(spec, lora, values));
        Gradients gradients = decoder.newGradients()) {
      decoder.accumulateCrossEntropy(records, 1, gradients);
      Map<String, float[]> slopes = gradients.values();
      assertThat(slopes.keySet()).isEqualTo(values.keySet());
      SplittableRandom random = new SplittableRandom(7);
      for (WeightLayout.Slot slot : AdapterLayout.of(spec, lora).slots()) {
        float[] slope = requireNonNull(slopes.get(slot.name()));
        float[] direction = new float[Math.toIntExact(slot.elements())];
        double expected = 0;
        for (int i = 0; i < direction.length; i++) {
          direction[i] = random.nextInt(-4, 5) / 4f;
          expected += (double) slope[i] * direction[i];
        }
        double step = 1.0 / 4096; // exact in 32 bits beside the values' eighths
        double numeric =
            (loss(base, lora, moved(values, slot.name(), direction, step), records)
                    - loss(base, lora, moved(values, slot.name(), direction, -step), records))
                / (2 * step);
        assertThat(expected)
            .as(slot.name())
            .isCloseTo(numeric, within(1e-4 * Math.abs(numeric) + 1e-4));
      }
    }
  }

  private static double loss(
      Decoder base, LoraSettings lora, Map<String, float[]> values, List<TrainRecord> records) {
    try (Decoder decoder = base.withAdapter(adapter(base.spec(), lora, values));
        Gradients unused = decoder.newGradients()) {
      return decoder.accumulateCrossEntropy(records, 1, unused);
    }
  }

  private static Adapter adapter(ModelSpec spec, LoraSettings lora, Map<String, float[]> values) {
    return new Adapter(
        lora,
        scope ->
            FusedTensors.load(
                AdapterLayout.of(spec, lora),
                (name, reader) -> reader.accept(StoredTensor.of(requireNonNull(values.get(name)))),
                ElementType.F32,
                scope));
  }

  private static Map<String, float[]> eighths(WeightLayout layout, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, float[]> values = new HashMap<>();
    for (WeightLayout.Slot slot : layout.slots()) {
      float[] tensor = new float[Math.toIntExact(slot.elements())];
      for (int i = 0; i < tensor.length; i++) {
        tensor[i] = random.nextInt(-2, 3) / 8f;
      }
      values.put(slot.name(), tensor);
    }
    return values;
  }

  private static Map<String, float[]> moved(
      Map<String, float[]> values, String name, float[] direction, double step) {
    Map<String, float[]> all = new HashMap<>(values);
    float[] moved = requireNonNull(values.get(name)).clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += (float) (step * direction[i]);
    }
    all.put(name, moved);
    return all;
  }

  @Test
  void onlyTheAdapterMovesAndOnlyTheAdapterHasOptimiserState() throws IOException {
    List<TrainRecord> records = TestModels.records(8, 20);
    LoraSettings lora = LoraSettings.of(2, 4, List.of("q_proj", "down_proj"));
    ModelSpec spec = TestModels.spec();
    try (Decoder base = TestModels.decoder();
        Decoder decoder = base.withAdapter(lora, 1);
        Optimiser optimiser = decoder.newOptimiser(AdamWSettings.defaults())) {
      double first = decoder.trainStep(records, optimiser, 2e-2, 1).loss();
      for (int i = 0; i < 20; i++) {
        decoder.trainStep(records, optimiser, 2e-2, 1);
      }
      assertThat(decoder.trainStep(records, optimiser, 2e-2, 1).loss()).isLessThan(0.9 * first);
      assertThat(decoder.scoreFrozen(records)).isEqualTo(base.scoreRecords(records));
      long elements =
          spec.layers()
              * 2L
              * (spec.hiddenSize() + spec.queryWidth() + spec.mlpSize() + spec.hiddenSize());
      assertThat(optimiser.stateElements()).isEqualTo(2 * elements);
      Path state = directory.resolve("optimiser.safetensors");
      optimiser.save(state);
      try (Safetensors saved = Safetensors.open(state)) {
        assertThat(saved.entries().keySet()).allMatch(name -> name.contains("lora_"));
        assertThat(
                saved.entries().values().stream()
                    .mapToLong(entry -> entry.shape().stream().reduce(1L, (a, b) -> a * b))
                    .sum())
            .isEqualTo(2 * elements);
      }
    }
  }

  @Test
  void continuesFromASavedAdapterToTheLastBit() throws IOException {
    List<TrainRecord> records = TestModels.records(9, 40);
    Path state = directory.resolve("optimiser.safetensors");
    try (Decoder base = TestModels.decoder();
        Decoder decoder = base.withAdapter(ALL, 1);
        Optimiser optimiser = decoder.newOptimiser(AdamWSettings.defaults())) {
      steps(decoder, optimiser, records, 3);
      decoder.saveAdapter(directory, "base");
      optimiser.save(state);
      steps(decoder, optimiser, records, 3);
      try (Decoder resumed = base.withAdapter(directory);
          Optimiser restored = resumed.restoreOptimiser(AdamWSettings.defaults(), state)) {
        assertThat(resumed.lora()).contains(ALL);
        steps(resumed, restored, records, 3);
        resumed.saveAdapter(directory.resolve("resumed"), "base");
        decoder.saveAdapter(directory.resolve("straight"), "base");
      }
    }
    for (String file : List.of("adapter_model.safetensors", "adapter_config.json")) {
      assertThat(Files.readAllBytes(directory.resolve("resumed").resolve(file)))
          .isEqualTo(Files.readAllBytes(directory.resolve("straight").resolve(file)));
    }
  }

  @Test
  void writesTheLayoutOfPeft() throws IOException {
    try (Decoder base = TestModels.decoder();
        Decoder decoder = base.withAdapter(LoraSettings.of(2, 4, List.of("v_proj", "q_proj")), 1)) {
      decoder.saveAdapter(directory, "some/base");
    }
    assertThat(JsonFiles.read(directory.resolve("adapter_config.json")).toString())
        .contains("\"peft_type\":\"LORA\"")
        .contains("\"base_model_name_or_path\":\"some/base\"")
        .contains("\"r\":2")
        .contains("\"lora_alpha\":4")
        .contains("\"target_modules\":[\"q_proj\",\"v_proj\"]");
    try (Safetensors saved = Safetensors.open(directory.resolve("adapter_model.safetensors"))) {
      assertThat(saved.entries()).hasSize(TestModels.spec().layers() * 4);
      String prefix = "base_model.model.model.layers.1.self_attn.v_proj.lora_";
      assertThat(requireNonNull(saved.entries().get(prefix + "A.weight")).shape())
          .containsExactly(2L, 32L);
      assertThat(requireNonNull(saved.entries().get(prefix + "B.weight")).shape())
          .containsExactly(24L, 2L);
    }
  }

  @Test
  void refusesATargetThatMatchesNothingByName() {
    assertThatThrownBy(() -> LoraSettings.of(8, 16, List.of("q_proj", "c_attn")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"c_attn\" matches no projection of the model")
        .hasMessageContaining("q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj");
  }

  @Test
  void refusesAnAdapterThatWouldBeComputedWrongly() throws IOException {
    try (Decoder base = TestModels.decoder();
        Decoder other = Decoder.initialise(TestModels.untied(), 1, Execution.cpu(1));
        Decoder decoder = base.withAdapter(ALL, 1)) {
      decoder.saveAdapter(directory, "base");
      assertThatThrownBy(() -> other.withAdapter(directory))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("unknown base_model.model.model.layers.2.")
          .hasMessageContaining("layers.0.self_attn.q_proj.lora_A.weight has shape [4, 32]");
      Path config = directory.resolve("adapter_config.json");
      String text = Files.readString(config);
      for (String unsupported :
          List.of(
              "\"use_dora\": true",
              "\"use_rslora\": true",
              "\"bias\": \"all\"",
              "\"modules_to_save\": [\"lm_head\"]",
              "\"rank_pattern\": {\"q_proj\": 2}")) {
        String key = unsupported.substring(1, unsupported.indexOf('"', 1));
        var json = (com.fasterxml.jackson.databind.node.ObjectNode) JsonFiles.read(config);
        json.setAll(
            (com.fasterxml.jackson.databind.node.ObjectNode)
                JsonFiles.MAPPER.readTree("{" + unsupported + "}"));
        Files.write(config, JsonFiles.bytes(json));
        assertThatThrownBy(() -> base.withAdapter(directory))
            .isInstanceOf(CheckpointException.class)
            .hasMessageContaining(key);
        Files.writeString(config, text);
      }
    }
  }

  private static Decoder trained(
      Decoder base, LoraSettings lora, List<TrainRecord> records, int steps) {
    Decoder decoder = base.withAdapter(lora, 3);
    try (Optimiser optimiser = decoder.newOptimiser(AdamWSettings.defaults())) {
      steps(decoder, optimiser, records, steps);
    }
    return decoder;
  }

  private static void steps(
      Decoder decoder, Optimiser optimiser, List<TrainRecord> records, int steps) {
    for (int i = 0; i < steps; i++) {
      decoder.trainStep(records, optimiser, 2e-2, 1);
    }
  }

  private static double largestDifference(float[] a, float[] b) {
    double largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i] - b[i]));
    }
    return largest;
  }
}
