package dev.tandem.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.trainer.model.learn.Differentiation;
import dev.tandem.trainer.model.learn.ForwardPass;
import dev.tandem.trainer.model.learn.Gradients;
import dev.tandem.trainer.model.learn.TokenScores;
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
import java.util.stream.IntStream;
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

  /** With every setting, what an evaluation says is what a pass that keeps its graph says. */
  @Test
  void anEvaluationIsAForwardPassThatKeepsNothing() {
    List<TrainRecord> records = mixedRecords();
    for (TrainingMemory memory : List.of(PLAIN, PLAIN.withPacking(true).withRecomputation(true))) {
      Execution execution = Execution.cpu(2, 400).withTrainingMemory(memory);
      try (Decoder decoder = Decoder.initialise(TestModels.spec(), 5, execution);
          ForwardPass pass = decoder.forward(records)) {
        TokenScores scores = decoder.evaluate(records);
        assertThat(scores.logProbs()).containsExactly(pass.logProbs(), within(1e-6));
        assertThat(scores.entropies()).containsExactly(pass.entropies(), within(1e-6));
        assertThat(Arrays.stream(scores.entropies()).max().orElse(0)).isGreaterThan(0.1);
      }
    }
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

  /** Free and constrained records of many lengths, and some that begin like others. */
  private static List<TrainRecord> mixedRecords() {
    List<TrainRecord> records = new ArrayList<>(TestModels.records(1, 40));
    records.addAll(groups(7));
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
      assertThat(decoder.cost(records).computed()).isGreaterThan(tokens * 9 / 10);
      assertThat(decoder.cost(records).waste()).isLessThan(0.05);
    }
  }

  /** Four answers to each prompt, and a second turn that goes on from the first. */
  private static List<TrainRecord> groups(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<TrainRecord> records = new ArrayList<>();
    for (int group = 0; group < 5; group++) {
      int[] prompt = TestModels.ids(random, 30);
      for (int i = 0; i < 4; i++) {
        int[] response = TestModels.ids(random, 3 + random.nextInt(6));
        records.add(TrainRecord.unconstrained(prompt, response));
        int[] more =
            IntStream.concat(
                    IntStream.concat(IntStream.of(prompt), IntStream.of(response)),
                    IntStream.of(TestModels.ids(random, 4)))
                .toArray();
        records.add(TrainRecord.unconstrained(more, TestModels.ids(random, 5)));
      }
    }
    return records;
  }

  @Test
  void recordsThatBeginAlikeAreComputedAlikeOnce() {
    List<TrainRecord> records = groups(8);
    Execution packed = Execution.cpu(1).withTrainingMemory(PLAIN.withPacking(true));
    Execution padded = packed.withTrainingMemory(PLAIN);
    try (Decoder shared = Decoder.initialise(TestModels.spec(), 5, packed);
        Decoder apart = shared.copy(padded)) {
      assertThat(shared.cost(records).computed())
          .isLessThan(shared.cost(records).tokens() * 6 / 10)
          .isLessThan(apart.cost(records).computed());
      assertThat(shared.scoreRecords(records))
          .containsExactly(apart.scoreRecords(records), within(1e-5f));
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
