package dev.tandem.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.file.JsonFiles;
import dev.tandem.trainer.model.file.Safetensors;
import dev.tandem.trainer.model.learn.AdamWSettings;
import dev.tandem.trainer.model.learn.Gradients;
import dev.tandem.trainer.model.learn.NonFiniteGradientException;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.torch.Execution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OptimiserTest {

  private static final AdamWSettings SETTINGS = new AdamWSettings(0.9, 0.95, 1e-8, 0.1);

  @TempDir private Path directory;

  @Test
  void supervisedStepsLowerTheLoss() {
    List<TrainRecord> records = TestModels.records(1, 20);
    try (Decoder decoder = TestModels.decoder();
        Optimiser optimiser = decoder.newOptimiser(SETTINGS)) {
      double first = decoder.trainStep(records, optimiser, 1e-2, 1).loss();
      double last = first;
      for (int i = 0; i < 20; i++) {
        last = decoder.trainStep(records, optimiser, 1e-2, 1).loss();
      }
      assertThat(last).isLessThan(0.7 * first);
      assertThat(optimiser.stepsTaken()).isEqualTo(21);
    }
  }

  @Test
  void movesWeightsAsAdamWWithClippingSays() {
    List<TrainRecord> records = TestModels.records(2, 30);
    double rate = 0.01;
    double limit = 0.5;
    try (Decoder decoder = TestModels.decoder();
        Optimiser optimiser = decoder.newOptimiser(SETTINGS);
        Gradients gradients = decoder.newGradients()) {
      Map<String, double[]> weights = new HashMap<>();
      Map<String, double[]> means = new HashMap<>();
      Map<String, double[]> squares = new HashMap<>();
      read(decoder)
          .forEach(
              (name, values) -> {
                weights.put(name, values);
                means.put(name, new double[values.length]);
                squares.put(name, new double[values.length]);
              });
      for (int step = 1; step <= 3; step++) {
        decoder.accumulateCrossEntropy(records, 1, gradients);
        Map<String, float[]> slope = gradients.values();
        double norm =
            Math.sqrt(slope.values().stream().mapToDouble(OptimiserTest::sumOfSquares).sum());
        assertThat(optimiser.step(gradients, rate, limit)).isCloseTo(norm, within(1e-4 * norm));
        double scale = Math.min(1, limit / norm);
        for (Map.Entry<String, float[]> entry : slope.entrySet()) {
          double decay = entry.getKey().endsWith("norm.weight") ? 0 : SETTINGS.weightDecay();
          adamW(
              weights.getOrDefault(entry.getKey(), new double[0]),
              means.getOrDefault(entry.getKey(), new double[0]),
              squares.getOrDefault(entry.getKey(), new double[0]),
              entry.getValue(),
              scale,
              rate,
              decay,
              step);
        }
      }
      read(decoder)
          .forEach(
              (name, values) ->
                  assertThat(values)
                      .as(name)
                      .containsExactly(weights.getOrDefault(name, new double[0]), within(2e-4)));
    }
  }

  /** AdamW in double precision, from the paper. */
  private static void adamW(
      double[] weights,
      double[] means,
      double[] squares,
      float[] slope,
      double scale,
      double rate,
      double decay,
      int step) {
    for (int i = 0; i < weights.length; i++) {
      double g = slope[i] * scale;
      means[i] = SETTINGS.beta1() * means[i] + (1 - SETTINGS.beta1()) * g;
      squares[i] = SETTINGS.beta2() * squares[i] + (1 - SETTINGS.beta2()) * g * g;
      double mean = means[i] / (1 - Math.pow(SETTINGS.beta1(), step));
      double square = squares[i] / (1 - Math.pow(SETTINGS.beta2(), step));
      weights[i] -= rate * (mean / (Math.sqrt(square) + SETTINGS.epsilon()) + decay * weights[i]);
    }
  }

  private static double sumOfSquares(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return sum;
  }

  private Map<String, double[]> read(Decoder decoder) {
    decoder.saveWeights(directory);
    Map<String, double[]> weights = new HashMap<>();
    try (Safetensors tensors = Safetensors.open(directory.resolve("model.safetensors"))) {
      for (String name : tensors.entries().keySet()) {
        float[] values = tensors.read(name);
        double[] wide = new double[values.length];
        Arrays.setAll(wide, i -> values[i]);
        weights.put(name, wide);
      }
    }
    return weights;
  }

  @Test
  void setsTheGradientsToZeroAfterAStep() {
    try (Decoder decoder = TestModels.decoder();
        Optimiser optimiser = decoder.newOptimiser(SETTINGS);
        Gradients gradients = decoder.newGradients()) {
      decoder.accumulateCrossEntropy(TestModels.records(3, 5), 1, gradients);
      optimiser.step(gradients, 1e-3, 1);
      assertThat(gradients.norms().values()).allMatch(norm -> norm == 0);
    }
  }

  @Test
  void continuesFromASavedStateToTheLastBit() throws IOException {
    List<TrainRecord> records = TestModels.records(4, 40);
    Path state = directory.resolve("optimiser.safetensors");
    Path saved = directory.resolve("saved");
    String expected;
    byte[] stateAtTheEnd;
    try (Decoder decoder = TestModels.decoder();
        Optimiser optimiser = decoder.newOptimiser(SETTINGS)) {
      train(decoder, optimiser, records, 4);
      optimiser.save(state);
      decoder.saveWeights(saved);
      train(decoder, optimiser, records, 4);
      expected = decoder.weightsSha256();
      optimiser.save(directory.resolve("end.safetensors"));
      stateAtTheEnd = Files.readAllBytes(directory.resolve("end.safetensors"));
    }
    Files.write(saved.resolve("config.json"), JsonFiles.bytes(TestModels.spec().toJson()));
    try (Decoder decoder = Decoder.load(saved, Execution.cpu(2));
        Optimiser optimiser = decoder.restoreOptimiser(SETTINGS, state)) {
      assertThat(optimiser.stepsTaken()).isEqualTo(4);
      train(decoder, optimiser, records, 4);
      assertThat(decoder.weightsSha256()).isEqualTo(expected);
      optimiser.save(state);
      assertThat(Files.readAllBytes(state)).isEqualTo(stateAtTheEnd);
    }
  }

  private static void train(
      Decoder decoder, Optimiser optimiser, List<TrainRecord> records, int steps) {
    for (int i = 0; i < steps; i++) {
      decoder.trainStep(records, optimiser, 1e-2, 1);
    }
  }

  @Test
  void refusesTheStateOfAnotherModel() {
    Path state = directory.resolve("optimiser.safetensors");
    try (Decoder decoder = TestModels.decoder();
        Decoder house = Decoder.initialise(ModelSpec.house(50), 1, Execution.cpu(1));
        Optimiser optimiser = decoder.newOptimiser(SETTINGS)) {
      optimiser.save(state);
      assertThatThrownBy(() -> house.restoreOptimiser(SETTINGS, state))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("should have shape [50, 96] but is [40, 32]");
    }
  }

  @Test
  void takesNoStepAlongAGradientThatIsNotFinite() {
    List<TrainRecord> records = TestModels.records(5, 3);
    try (Decoder decoder = TestModels.decoder();
        Optimiser optimiser = decoder.newOptimiser(SETTINGS);
        Gradients gradients = decoder.newGradients()) {
      String before = decoder.weightsSha256();
      decoder.accumulateCrossEntropy(records, Double.NaN, gradients);
      assertThatThrownBy(() -> optimiser.step(gradients, 1e-2, 1))
          .isInstanceOf(NonFiniteGradientException.class)
          .hasMessageContaining("the gradient's norm is NaN after 0 steps");
      assertThat(decoder.weightsSha256()).isEqualTo(before);
      assertThat(gradients.norms().values()).allMatch(norm -> norm == 0);
    }
  }
}
