package dev.tandem.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.trainer.model.learn.Differentiation;
import dev.tandem.trainer.model.learn.ForwardPass;
import dev.tandem.trainer.model.learn.Gradients;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.sampling.ChoiceTrie;
import dev.tandem.trainer.model.sampling.SampleRequest;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.model.torch.Precision;
import dev.tandem.trainer.model.torch.TrainingMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What training trades memory for time with changes no gradient. */
final class TrainingMemoryTest {

  private static final TrainingMemory PLAIN =
      TrainingMemory.defaults(ai.djl.Device.cpu()).withPacking(false);

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  void packingChangesNoGradient(Precision precision) {
    assertSameGradients(precision, PLAIN, PLAIN.withPacking(true));
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  void recomputingLayersChangesNoGradient(Precision precision) {
    assertSameGradients(precision, PLAIN, PLAIN.withRecomputation(true));
    assertSameGradients(
        precision, PLAIN.withPacking(true), PLAIN.withPacking(true).withRecomputation(true));
  }

  /** The smallest head works on 16 rows at a time, the usual one on all at once. */
  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  void aHeadInManyChunksGivesTheGradientOfOne(Precision precision) {
    assertSameGradients(precision, PLAIN, PLAIN.withHeadElements(1));
  }

  private static void assertSameGradients(
      Precision precision, TrainingMemory one, TrainingMemory other) {
    double tolerance = precision == Precision.FLOAT64 ? 1e-12 : 1e-5;
    for (ModelSpec spec : List.of(TestModels.spec(), TestModels.untied())) {
      Trained expected = train(spec, precision, one);
      Trained actual = train(spec, precision, other);
      assertThat(actual.logProbs()).containsExactly(expected.logProbs(), within(1e-5));
      assertThat(actual.loss()).isCloseTo(expected.loss(), within(tolerance * expected.loss()));
      expected
          .policyNorms()
          .forEach(
              (name, norm) ->
                  assertThat(actual.policyNorms().get(name))
                      .as(name)
                      .isCloseTo(norm, within(tolerance * norm)));
      expected
          .policy()
          .forEach((name, values) -> assertClose(name, get(actual.policy(), name), values));
      expected
          .supervised()
          .forEach((name, values) -> assertClose(name, get(actual.supervised(), name), values));
    }
  }

  private static void assertClose(String name, float[] actual, float[] expected) {
    float largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertThat(actual).as(name).containsExactly(expected, within(1e-5f * largest));
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared as a record
  private record Trained(
      double[] logProbs,
      double loss,
      Map<String, Double> policyNorms,
      Map<String, float[]> policy,
      Map<String, float[]> supervised) {}

  private static Trained train(ModelSpec spec, Precision precision, TrainingMemory memory) {
    List<TrainRecord> records = mixedRecords();
    Execution execution = Execution.cpu(2, 400).withPrecision(precision).withTrainingMemory(memory);
    try (Decoder decoder = Decoder.initialise(spec, 5, execution);
        Gradients policy = decoder.newGradients();
        Gradients supervised = decoder.newGradients()) {
      ForwardPass pass = decoder.forward(records);
      double[] lossByLogProb = new double[pass.logProbs().length];
      for (int i = 0; i < lossByLogProb.length; i++) {
        lossByLogProb[i] = (i % 7 - 2.5) / lossByLogProb.length;
      }
      double[] logProbs = pass.logProbs();
      pass.backward(lossByLogProb, policy);
      double loss = decoder.accumulateCrossEntropy(records, 1.0 / lossByLogProb.length, supervised);
      return new Trained(logProbs, loss, policy.norms(), policy.values(), supervised.values());
    }
  }

  /** Free and constrained records of many lengths. */
  private static List<TrainRecord> mixedRecords() {
    List<TrainRecord> records = new ArrayList<>(TestModels.records(1, 40));
    for (SampleRequest request : TestModels.constrained(2, 20)) {
      int[] choice = request.choices().getFirst();
      ChoiceTrie trie = new ChoiceTrie();
      int root = trie.add(request.choices());
      records.add(new TrainRecord(request.prompt(), choice, trie.allowedAlong(root, choice)));
    }
    return records;
  }

  @Test
  void aPackedRecordNeverSeesItsNeighbours() {
    SplittableRandom random = new SplittableRandom(3);
    List<TrainRecord> records = new ArrayList<>(TestModels.records(4, 12));
    Execution execution = Execution.cpu(1).withTrainingMemory(PLAIN.withPacking(true));
    try (Decoder decoder = Decoder.initialise(TestModels.spec(), 5, execution)) {
      float[] before = decoder.scoreRecords(records);
      int watched = 5;
      int from = Differentiation.tokens(records.subList(0, watched));
      int to = from + records.get(watched).response().length;
      for (int i = 0; i < records.size(); i++) {
        if (i != watched) {
          TrainRecord old = records.get(i);
          records.set(
              i,
              TrainRecord.unconstrained(
                  TestModels.ids(random, old.prompt().length),
                  TestModels.ids(random, old.response().length)));
        }
      }
      float[] after = decoder.scoreRecords(records);
      assertThat(Arrays.copyOfRange(after, from, to))
          .isEqualTo(Arrays.copyOfRange(before, from, to));
      assertThat(after[from - 1]).isNotEqualTo(before[from - 1]);
    }
  }

  @Test
  void packingWastesUnderFivePercentOnRecordsLikeHouses() {
    SplittableRandom random = new SplittableRandom(6);
    List<TrainRecord> records = new ArrayList<>();
    for (int i = 0; i < 512; i++) {
      records.add(
          TrainRecord.unconstrained(
              TestModels.ids(random, 40 + random.nextInt(70)),
              TestModels.ids(random, 3 + random.nextInt(6))));
    }
    Execution packed = Execution.cpu(1).withTrainingMemory(PLAIN.withPacking(true));
    try (Decoder decoder = Decoder.initialise(TestModels.spec(), 1, packed)) {
      long tokens =
          records.stream().mapToLong(one -> one.prompt().length + one.response().length - 1).sum();
      assertThat(decoder.cost(records).tokens()).isEqualTo(tokens);
      assertThat(decoder.cost(records).computed()).isGreaterThanOrEqualTo(tokens);
      assertThat(decoder.cost(records).waste()).isLessThan(0.05);
    }
  }

  @Test
  void manyMicrobatchesGiveTheGradientOfOneBatch() {
    List<TrainRecord> records = mixedRecords();
    Execution execution = Execution.cpu(1, 4096).withPrecision(Precision.FLOAT64);
    try (Decoder decoder = Decoder.initialise(TestModels.spec(), 5, execution);
        Gradients whole = decoder.newGradients();
        Gradients parts = decoder.newGradients()) {
      double scale = 1.0 / Differentiation.tokens(records);
      double expected = decoder.accumulateCrossEntropy(records, scale, whole);
      double actual = 0;
      for (int from = 0; from < records.size(); from += 7) {
        List<TrainRecord> part = records.subList(from, Math.min(records.size(), from + 7));
        actual += decoder.accumulateCrossEntropy(part, scale, parts);
      }
      assertThat(actual).isCloseTo(expected, within(1e-10 * expected));
      Map<String, Double> norms = parts.norms();
      whole
          .norms()
          .forEach(
              (name, norm) ->
                  assertThat(norms.get(name)).as(name).isCloseTo(norm, within(1e-12 * norm)));
    }
  }

  private static float[] get(Map<String, float[]> tensors, String name) {
    float[] values = tensors.get(name);
    assertThat(values).as(name).isNotNull();
    return values == null ? new float[0] : values;
  }
}
