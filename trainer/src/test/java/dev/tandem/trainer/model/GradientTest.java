package dev.tandem.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.trainer.model.file.CheckpointFiles;
import dev.tandem.trainer.model.file.JsonFiles;
import dev.tandem.trainer.model.file.Safetensors;
import dev.tandem.trainer.model.file.SafetensorsWriter;
import dev.tandem.trainer.model.learn.Differentiation;
import dev.tandem.trainer.model.learn.ForwardPass;
import dev.tandem.trainer.model.learn.Gradients;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.sampling.ChoiceTrie;
import dev.tandem.trainer.model.sampling.SampleRequest;
import dev.tandem.trainer.model.shape.DecoderInputException;
import dev.tandem.trainer.model.torch.Execution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GradientTest {

  @TempDir private Path directory;

  @Test
  void matchesFiniteDifferencesAlongRandomDirections() throws IOException {
    List<TrainRecord> records = new ArrayList<>(TestModels.records(1, 6));
    for (SampleRequest request : TestModels.constrained(2, 6)) {
      int[] choice = request.choices().getFirst();
      ChoiceTrie trie = new ChoiceTrie();
      int root = trie.add(request.choices());
      records.add(new TrainRecord(request.prompt(), choice, trie.allowedAlong(root, choice)));
    }
    double[] lossByLogProb = randomDoubles(3, Differentiation.tokens(records));
    try (Decoder decoder = TestModels.decoder();
        Gradients gradients = decoder.newGradients()) {
      decoder.forward(records).backward(lossByLogProb, gradients);
      Map<String, float[]> analytic = gradients.values();
      decoder.saveWeights(directory);
      Files.write(directory.resolve("config.json"), JsonFiles.bytes(TestModels.spec().toJson()));
      for (String name :
          List.of(
              "model.embed_tokens.weight",
              "model.layers.0.self_attn.k_proj.weight",
              "model.layers.1.self_attn.q_norm.weight",
              "model.layers.2.self_attn.q_proj.weight",
              "model.layers.2.self_attn.v_proj.weight",
              "model.layers.1.mlp.up_proj.weight",
              "model.norm.weight")) {
        float[] slope = get(analytic, name);
        float[] direction = randomFloats(4, slope.length);
        double expected = dot(slope, direction);
        double step = 1e-3;
        double numeric =
            (loss(name, direction, step, records, lossByLogProb)
                    - loss(name, direction, -step, records, lossByLogProb))
                / (2 * step);
        assertThat(expected).as(name).isCloseTo(numeric, within(2e-2 * Math.abs(numeric) + 2e-2));
      }
    }
  }

  /** The loss of the saved weights, moved along a direction. */
  private double loss(
      String name,
      float[] direction,
      double step,
      List<TrainRecord> records,
      double[] lossByLogProb) {
    Path moved = directory.resolve("moved");
    Map<String, SafetensorsWriter.Tensor> tensors = new HashMap<>();
    try (Safetensors saved = Safetensors.open(directory.resolve("model.safetensors"))) {
      for (Safetensors.Entry entry : saved.entries().values()) {
        float[] values = saved.read(entry.name());
        if (entry.name().equals(name)) {
          for (int i = 0; i < values.length; i++) {
            values[i] += (float) (step * direction[i]);
          }
        }
        long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
        tensors.put(entry.name(), new SafetensorsWriter.Tensor(shape, values));
      }
    }
    SafetensorsWriter.write(moved.resolve("model.safetensors"), tensors, Map.of());
    CheckpointFiles.write(
        moved.resolve("config.json"), JsonFiles.bytes(TestModels.spec().toJson()));
    try (Decoder decoder = Decoder.load(moved, Execution.cpu(1))) {
      return dot(decoder.scoreRecords(records), lossByLogProb);
    }
  }

  @Test
  void chunksAddUpToTheWholeBatch() {
    List<TrainRecord> records = TestModels.records(5, 200);
    double[] lossByLogProb = randomDoubles(6, Differentiation.tokens(records));
    Map<String, float[]> whole = gradients(records, lossByLogProb, 1_000_000);
    Map<String, float[]> pieces = gradients(records, lossByLogProb, 300);
    whole.forEach(
        (name, values) -> {
          float largest = 0;
          for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
          }
          assertThat(get(pieces, name)).as(name).containsExactly(values, within(2e-4f * largest));
        });
  }

  private static Map<String, float[]> gradients(
      List<TrainRecord> records, double[] lossByLogProb, int chunkTokens) {
    Execution execution = Execution.cpu(2, chunkTokens);
    try (Decoder decoder = Decoder.initialise(TestModels.spec(), 11, execution);
        Gradients gradients = decoder.newGradients()) {
      decoder.forward(records).backward(lossByLogProb, gradients);
      return gradients.values();
    }
  }

  @Test
  void backwardOfMinusLogProbIsCrossEntropy() {
    List<TrainRecord> records = TestModels.records(7, 50);
    try (Decoder decoder = TestModels.decoder();
        Gradients split = decoder.newGradients();
        Gradients fused = decoder.newGradients()) {
      ForwardPass pass = decoder.forward(records);
      double sum = 0;
      for (double logProb : pass.logProbs()) {
        sum -= logProb;
      }
      double[] lossByLogProb = new double[pass.logProbs().length];
      Arrays.fill(lossByLogProb, -0.25);
      pass.backward(lossByLogProb, split);
      assertThat(decoder.accumulateCrossEntropy(records, 0.25, fused)).isCloseTo(sum, within(1e-3));
      Map<String, float[]> expected = fused.values();
      split.values().forEach((name, values) -> assertThat(values).isEqualTo(get(expected, name)));
    }
  }

  @Test
  void tokensCountWhatTheyWeighAndTheOthersAreContext() {
    int[] ids = TestModels.ids(new SplittableRandom(3), 40);
    double[] weights = new double[ids.length];
    Arrays.fill(weights, 10, 14, 1);
    Arrays.fill(weights, 20, 23, 0.25);
    TrainRecord whole = TrainRecord.weighted(ids, weights);
    List<TrainRecord> others = TestModels.records(5, 6);
    try (Decoder decoder = TestModels.decoder();
        Gradients weighted = decoder.newGradients();
        Gradients apart = decoder.newGradients()) {
      List<TrainRecord> batch = new ArrayList<>(others);
      batch.add(2, whole);
      double sum = decoder.accumulateCrossEntropy(batch, 0.5, weighted);
      double expected = decoder.accumulateCrossEntropy(others, 0.5, apart);
      expected += decoder.accumulateCrossEntropy(List.of(part(ids, 10, 14)), 0.5, apart);
      expected += 0.25 * decoder.accumulateCrossEntropy(List.of(part(ids, 20, 23)), 0.125, apart);
      assertThat(sum).isCloseTo(expected, within(1e-4));
      assertThat(decoder.scoreRecords(List.of(whole))).hasSize(7);
      Map<String, float[]> values = apart.values();
      weighted
          .values()
          .forEach(
              (name, actual) ->
                  assertThat(actual).as(name).containsExactly(get(values, name), within(2e-4f)));
    }
  }

  private static TrainRecord part(int[] ids, int from, int to) {
    return TrainRecord.unconstrained(Arrays.copyOf(ids, from), Arrays.copyOfRange(ids, from, to));
  }

  @Test
  void keepsTheOrderOfTheRecords() {
    List<TrainRecord> records = TestModels.records(8, 30);
    try (Decoder decoder = TestModels.decoder();
        ForwardPass pass = decoder.forward(records)) {
      double[] together = pass.logProbs();
      int token = 0;
      for (TrainRecord record : records) {
        float[] alone = decoder.scoreRecords(List.of(record));
        assertThat(Arrays.copyOfRange(together, token, token + alone.length))
            .containsExactly(doubles(alone), within(1e-5));
        token += alone.length;
      }
    }
  }

  @Test
  void refusesAnAnswerOfTheWrongLengthAndASecondBackward() {
    try (Decoder decoder = TestModels.decoder();
        Gradients gradients = decoder.newGradients()) {
      ForwardPass pass = decoder.forward(List.of(TestModels.records(9, 1).getFirst()));
      int tokens = pass.logProbs().length;
      assertThatThrownBy(() -> pass.backward(new double[tokens + 1], gradients))
          .isInstanceOf(DecoderInputException.class)
          .hasMessageContaining(
              "%d derivatives for %d response tokens".formatted(tokens + 1, tokens));
      pass.backward(new double[tokens], gradients);
      assertThatThrownBy(() -> pass.backward(new double[tokens], gradients))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  private static float[] randomFloats(long seed, int length) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static double[] randomDoubles(long seed, int length) {
    return doubles(randomFloats(seed, length));
  }

  private static double[] doubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  private static float[] get(Map<String, float[]> tensors, String name) {
    float[] values = tensors.get(name);
    assertThat(values).as(name).isNotNull();
    return values == null ? new float[0] : values;
  }

  private static double dot(float[] a, float[] b) {
    return dot(a, doubles(b));
  }

  private static double dot(float[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
  }
}
