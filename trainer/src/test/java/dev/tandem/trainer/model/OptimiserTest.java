package dev.tandem.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.file.JsonFiles;
import dev.tandem.trainer.model.file.Safetensors;
import dev.tandem.trainer.model.learn.AdamWSettings;
import dev.tandem.trainer.model.learn.Differentiation;
import dev.tandem.trainer.model.learn.Gradients;
import dev.tandem.trainer.model.learn.MuonSettings;
import dev.tandem.trainer.model.learn.NonFiniteGradientException;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.learn.UpdateRule;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.shape.Architecture;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.shape.RotaryEmbedding;
import dev.tandem.trainer.model.shape.WeightLayout;
import dev.tandem.trainer.model.torch.Execution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class OptimiserTest {

  private static final AdamWSettings SETTINGS = new AdamWSettings(0.9, 0.95, 1e-8, 0.1);

  private static final double MOMENTUM = 0.9;

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

  /** In many chunks and in one: what is kept comes back as nothing. */
  @Test
  void sumsKeptFromStepToStepGiveTheBytesOfNewOnes() {
    for (int chunkTokens : new int[] {100, 4_096}) {
      List<TrainRecord> records = TestModels.records(9, 100);
      Execution execution = Execution.cpu(2, chunkTokens);
      try (Decoder kept = Decoder.initialise(TestModels.spec(), 3, execution);
          Decoder anew = kept.copy();
          Optimiser ofKept = kept.newOptimiser(SETTINGS);
          Optimiser ofAnew = anew.newOptimiser(SETTINGS);
          Gradients gradients = kept.newGradients()) {
        for (int i = 0; i < 3; i++) {
          kept.accumulateCrossEntropy(records, 1, gradients);
          gradients.clear();
          kept.trainStep(records, Differentiation.tokens(records), ofKept, gradients, 1e-2, 1);
          anew.trainStep(records, ofAnew, 1e-2, 1);
        }
        assertThat(kept.weightsSha256()).isEqualTo(anew.weightsSha256());
      }
    }
  }

  /** Large enough to be shared out among the workers. */
  @Test
  void aStepHasTheSameBytesForAnyNumberOfWorkers() {
    ModelSpec spec =
        new ModelSpec(
            Architecture.QWEN3,
            36_000,
            32,
            2,
            4,
            2,
            12,
            48,
            64,
            1e-6,
            true,
            new RotaryEmbedding(10_000, new RotaryEmbedding.Unscaled()),
            0.1);
    for (UpdateRule rule : List.of(SETTINGS, new MuonSettings(MOMENTUM, SETTINGS))) {
      assertThat(digestAfterTwoSteps(spec, rule, 3)).isEqualTo(digestAfterTwoSteps(spec, rule, 1));
    }
  }

  private static String digestAfterTwoSteps(ModelSpec spec, UpdateRule rule, int workers) {
    try (Decoder decoder = Decoder.initialise(spec, 1, Execution.cpu(workers));
        Optimiser optimiser = decoder.newOptimiser(rule);
        Gradients gradients = decoder.newGradients()) {
      for (int i = 0; i < 2; i++) {
        decoder.accumulateCrossEntropy(TestModels.records(3, 8), 1, gradients);
        optimiser.step(gradients, 1e-2, 1);
      }
      return decoder.weightsSha256();
    }
  }

  @Test
  void movesWeightsAsAdamWWithClippingSays() {
    agreesWithDoublePrecision(SETTINGS, _ -> false);
  }

  @Test
  void movesTheLayersMatricesAsMuonSaysAndTheRestAsAdamW() {
    agreesWithDoublePrecision(
        new MuonSettings(MOMENTUM, SETTINGS), name -> name.endsWith("_proj.weight"));
  }

  private void agreesWithDoublePrecision(UpdateRule rule, Predicate<String> byMuon) {
    List<TrainRecord> records = TestModels.records(2, 30);
    double rate = 0.01;
    double limit = 0.5;
    try (Decoder decoder = TestModels.decoder();
        Optimiser optimiser = decoder.newOptimiser(rule);
        Gradients gradients = decoder.newGradients()) {
      Map<String, double[]> weights = new HashMap<>(read(decoder));
      Map<String, double[]> means = new HashMap<>();
      Map<String, double[]> squares = new HashMap<>();
      weights.forEach(
          (name, values) -> {
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
          String name = entry.getKey();
          double[] clipped = new double[entry.getValue().length];
          Arrays.setAll(clipped, i -> entry.getValue()[i] * scale);
          double[] weight = weights.getOrDefault(name, new double[0]);
          double[] mean = means.getOrDefault(name, new double[0]);
          if (byMuon.test(name)) {
            muon(weight, mean, clipped, rows(decoder, name), rate);
          } else {
            double decay = name.endsWith("norm.weight") ? 0 : SETTINGS.weightDecay();
            double[] square = squares.getOrDefault(name, new double[0]);
            adamW(weight, mean, square, clipped, rate, decay, step);
          }
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
      double[] slope,
      double rate,
      double decay,
      int step) {
    for (int i = 0; i < weights.length; i++) {
      means[i] = SETTINGS.beta1() * means[i] + (1 - SETTINGS.beta1()) * slope[i];
      squares[i] = SETTINGS.beta2() * squares[i] + (1 - SETTINGS.beta2()) * slope[i] * slope[i];
      double mean = means[i] / (1 - Math.pow(SETTINGS.beta1(), step));
      double square = squares[i] / (1 - Math.pow(SETTINGS.beta2(), step));
      weights[i] -= rate * (mean / (Math.sqrt(square) + SETTINGS.epsilon()) + decay * weights[i]);
    }
  }

  /**
   * Muon in double precision, from its authors' note, with the step's scale of arXiv 2502.16982.
   */
  private static void muon(double[] weights, double[] sums, double[] slope, int rows, double rate) {
    int columns = weights.length / rows;
    double[][] ahead = new double[rows][columns];
    for (int i = 0; i < weights.length; i++) {
      sums[i] = MOMENTUM * sums[i] + slope[i];
      ahead[i / columns][i % columns] = slope[i] + MOMENTUM * sums[i];
    }
    RealMatrix x = MatrixUtils.createRealMatrix(ahead);
    x = x.scalarMultiply(1 / x.getFrobeniusNorm());
    for (int i = 0; i < 5; i++) {
      RealMatrix gram = x.multiply(x.transpose());
      x =
          x.scalarMultiply(3.4445)
              .add(
                  gram.scalarMultiply(-4.7750)
                      .add(gram.power(2).scalarMultiply(2.0315))
                      .multiply(x));
    }
    double scale = rate * 0.2 * Math.sqrt(Math.max(rows, columns));
    for (int i = 0; i < weights.length; i++) {
      weights[i] *= 1 - rate * SETTINGS.weightDecay();
      weights[i] -= scale * x.getEntry(i / columns, i % columns);
    }
  }

  private static int rows(Decoder decoder, String name) {
    return WeightLayout.of(decoder.spec()).slot(name).shape().getFirst().intValue();
  }

  @Test
  void whatMuonMovesHasNoSecondMoment() {
    try (Decoder decoder = TestModels.decoder();
        Optimiser adamW = decoder.newOptimiser(SETTINGS);
        Optimiser muon = decoder.newOptimiser(MuonSettings.with(SETTINGS))) {
      long projections =
          WeightLayout.of(decoder.spec()).slots().stream()
              .filter(slot -> slot.name().endsWith("_proj.weight"))
              .mapToLong(WeightLayout.Slot::elements)
              .sum();
      assertThat(adamW.stateElements() - muon.stateElements()).isEqualTo(projections);
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

  private static List<UpdateRule> rules() {
    return List.of(SETTINGS, MuonSettings.with(SETTINGS));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void continuesFromASavedStateToTheLastBit(UpdateRule rule) throws IOException {
    List<TrainRecord> records = TestModels.records(4, 40);
    Path state = directory.resolve("optimiser.safetensors");
    Path saved = directory.resolve("saved");
    String expected;
    byte[] stateAtTheEnd;
    try (Decoder decoder = TestModels.decoder();
        Optimiser optimiser = decoder.newOptimiser(rule)) {
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
        Optimiser optimiser = decoder.restoreOptimiser(rule, state)) {
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
  void refusesTheStateOfAnotherRule() {
    Path state = directory.resolve("optimiser.safetensors");
    try (Decoder decoder = TestModels.decoder();
        Optimiser optimiser = decoder.newOptimiser(SETTINGS)) {
      optimiser.save(state);
      assertThatThrownBy(() -> decoder.restoreOptimiser(MuonSettings.with(SETTINGS), state))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("momentum_buffer.model.layers.0")
          .hasMessageContaining("is absent");
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
