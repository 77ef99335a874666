package dev.tandem.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.trainer.model.learn.AdamWSettings;
import dev.tandem.trainer.model.learn.ForwardPass;
import dev.tandem.trainer.model.learn.Gradients;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.runtime.DecoderRuntime;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.sampling.Sample;
import dev.tandem.trainer.model.sampling.SampleRequest;
import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.torch.Bfloat16Products;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.model.torch.Precision;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PrecisionTest {

  @TempDir private Path directory;

  /**
   * The reference's float64 models keep the norms' statistics and the rotary table in 32 bits, so
   * the seventh digit is as far as they go; the next test goes on from there.
   */
  @ParameterizedTest
  @CsvSource({
    "qwen3-tied, FLOAT64, 1e-6",
    "qwen2-untied, FLOAT64, 1e-6",
    "llama-gqa, FLOAT64, 1e-6",
    "llama3-rope, FLOAT64, 1e-6",
    "qwen3-tied, FLOAT32, 1e-4",
    "qwen2-untied, FLOAT32, 1e-4",
    "llama-gqa, FLOAT32, 1e-4",
    "llama3-rope, FLOAT32, 1e-4"
  })
  void everyGradientNormIsTheReferences(String name, Precision precision, double tolerance) {
    Path checkpoint = Fixtures.checkpoint(name);
    try (Decoder decoder = Decoder.load(checkpoint, Execution.cpu(2).withPrecision(precision))) {
      for (Fixtures.Case expected : Fixtures.cases(checkpoint)) {
        int[] ids = expected.ids();
        List<TrainRecord> records =
            List.of(
                TrainRecord.unconstrained(
                    new int[] {ids[0]}, Arrays.copyOfRange(ids, 1, ids.length)));
        try (Gradients gradients = decoder.newGradients()) {
          double tokens = ids.length - 1;
          double sum = decoder.accumulateCrossEntropy(records, 1 / tokens, gradients);
          assertThat(sum / tokens).isCloseTo(expected.loss(), within(tolerance * expected.loss()));
          Map<String, Double> norms = gradients.norms();
          assertThat(norms.keySet()).isEqualTo(expected.gradientNorms().keySet());
          expected
              .gradientNorms()
              .forEach(
                  (tensor, norm) ->
                      assertThat(norms.get(tensor))
                          .as(tensor)
                          .isCloseTo(norm, within(tolerance * norm)));
        }
      }
    }
  }

  /**
   * Moves each tensor along its own gradient: the slope there is the gradient's norm. Differences
   * of fourth order, in 64 bits.
   */
  @ParameterizedTest
  @ValueSource(strings = {"qwen3-tied", "qwen2-untied", "llama-gqa", "llama3-rope"})
  void everyGradientNormIsASlopeToEightDigits(String name) {
    Path checkpoint = Fixtures.checkpoint(name);
    int[] ids = Fixtures.cases(checkpoint).getFirst().ids();
    List<TrainRecord> records =
        List.of(
            TrainRecord.unconstrained(new int[] {ids[0]}, Arrays.copyOfRange(ids, 1, ids.length)));
    Execution execution = Execution.cpu(1).withPrecision(Precision.FLOAT64);
    double step = 1.0 / 1024;
    try (Decoder decoder = Decoder.load(checkpoint, execution)) {
      for (int tensor = 0; tensor < decoder.runtime().parameters().masters().length; tensor++) {
        double norm = norm(decoder, records, tensor);
        try (Gradients up = decoder.newGradients();
            Gradients down = decoder.newGradients()) {
          decoder.accumulateCrossEntropy(records, step / norm, up);
          decoder.accumulateCrossEntropy(records, -step / norm, down);
          move(decoder, tensor, down, 2);
          double twiceDown = loss(decoder, records);
          move(decoder, tensor, up, 1);
          double onceDown = loss(decoder, records);
          move(decoder, tensor, up, 2);
          double onceUp = loss(decoder, records);
          move(decoder, tensor, up, 1);
          double twiceUp = loss(decoder, records);
          move(decoder, tensor, down, 2);
          double slope = (twiceDown - 8 * onceDown + 8 * onceUp - twiceUp) / (12 * step);
          assertThat(slope).as("native tensor %d", tensor).isCloseTo(norm, within(1e-8 * norm));
        }
      }
    }
  }

  private static double norm(Decoder decoder, List<TrainRecord> records, int tensor) {
    DecoderRuntime runtime = decoder.runtime();
    long elements = runtime.parameters().learningLayout().natives().get(tensor).elements();
    try (Gradients gradients = decoder.newGradients()) {
      decoder.accumulateCrossEntropy(records, 1, gradients);
      return runtime.calls()
          .doubles(
              "range_norms",
              call ->
                  call.tensors(gradients.sums()).integers(tensor).integers(0).integers(elements))[
          0];
    }
  }

  private static void move(Decoder decoder, int tensor, Gradients direction, int times) {
    DecoderRuntime runtime = decoder.runtime();
    for (int i = 0; i < times; i++) {
      runtime
          .workers()
          .call(
              () ->
                  runtime
                      .module()
                      .inference("accumulate")
                      .tensors(runtime.parameters().masters()[tensor])
                      .tensors(direction.sums()[tensor])
                      .run(runtime.module().scope()));
    }
  }

  private static double loss(Decoder decoder, List<TrainRecord> records) {
    try (Gradients unused = decoder.newGradients()) {
      return decoder.accumulateCrossEntropy(records, 1, unused);
    }
  }

  /** Eight bits of mantissa through three layers of a model with large weights. */
  @Test
  void bfloat16LogProbsAreCloseToThoseOf32Bits() {
    List<TrainRecord> records = TestModels.records(1, 60);
    ModelSpec spec = ModelSpec.house(TestModels.VOCABULARY);
    try (Decoder exact = Decoder.initialise(spec, 1, Execution.cpu(2));
        Decoder rounded = exact.copy(bfloat16())) {
      float[] expected = exact.scoreRecords(records);
      float[] actual = rounded.scoreRecords(records);
      assertThat(actual).containsExactly(expected, within(0.02f));
      assertThat(actual).isNotEqualTo(expected);
      assertThat(rounded.weightsSha256()).isEqualTo(exact.weightsSha256());
    }
  }

  @Test
  void aBfloat16RunLearnsAsOneIn32BitsDoes() {
    List<TrainRecord> records = TestModels.records(2, 20);
    double exact = lossAfterTraining(records, Execution.cpu(2));
    double rounded = lossAfterTraining(records, bfloat16());
    assertThat(exact).isLessThan(1.5);
    assertThat(rounded).isCloseTo(exact, within(0.15));
  }

  private static double lossAfterTraining(List<TrainRecord> records, Execution execution) {
    try (Decoder decoder =
            Decoder.initialise(ModelSpec.house(TestModels.VOCABULARY), 1, execution);
        Optimiser optimiser = decoder.newOptimiser(AdamWSettings.defaults())) {
      double loss = 0;
      for (int i = 0; i < 40; i++) {
        loss = decoder.trainStep(records, optimiser, 3e-3, 1).loss();
      }
      return loss;
    }
  }

  /** A step far below a bfloat16's resolution: only 32-bit masters can add such steps up. */
  @Test
  void smallStepsAddUpInTheMasters() {
    List<TrainRecord> records = TestModels.records(3, 10);
    try (Decoder decoder =
            Decoder.initialise(ModelSpec.house(TestModels.VOCABULARY), 1, bfloat16());
        Optimiser optimiser = decoder.newOptimiser(AdamWSettings.defaults())) {
      double first = decoder.trainStep(records, optimiser, 1e-5, 1).loss();
      double last = first;
      for (int i = 0; i < 60; i++) {
        last = decoder.trainStep(records, optimiser, 1e-5, 1).loss();
      }
      assertThat(last).isLessThan(first - 1e-3);
    }
  }

  @Test
  void aBfloat16RunGivesTheSameBytesTwiceAndForAnyNumberOfWorkers() {
    List<TrainRecord> records = TestModels.records(4, 100);
    String reference = digestOfATraining(records, 1);
    assertThat(digestOfATraining(records, 1)).isEqualTo(reference);
    assertThat(digestOfATraining(records, 2)).isEqualTo(reference);
  }

  private static String digestOfATraining(List<TrainRecord> records, int workers) {
    Execution execution = Execution.cpu(workers, 500).withPrecision(Precision.BFLOAT16);
    try (Decoder decoder = Decoder.initialise(TestModels.spec(), 5, execution);
        Optimiser optimiser = decoder.newOptimiser(AdamWSettings.defaults())) {
      for (int i = 0; i < 3; i++) {
        decoder.trainStep(records, optimiser, 1e-2, 1);
      }
      return decoder.weightsSha256();
    }
  }

  @Test
  void samplesInBfloat16WithTheLogProbsOfAForwardPass() {
    List<SampleRequest> requests = TestModels.unconstrained(5, 30, 1);
    try (Decoder decoder =
        Decoder.initialise(ModelSpec.house(TestModels.VOCABULARY), 1, bfloat16())) {
      List<Sample> samples = decoder.sample(requests);
      for (int i = 0; i < samples.size(); i++) {
        TrainRecord record =
            TrainRecord.unconstrained(requests.get(i).prompt(), samples.get(i).tokens());
        assertThat(decoder.scoreRecords(List.of(record)))
            .containsExactly(samples.get(i).logProbs(), within(0.03f));
      }
    }
  }

  /**
   * Logits that were rounded to bfloat16 lie on a grid, coarser the larger they are; above 1/4 in
   * size it is of 1/512 at least, and so are the differences between log-probabilities in one
   * context.
   */
  @Test
  void logitsAreNotRoundedBeforeTheSoftmax() {
    int[] prompt = {5, 6, 7, 8};
    for (ModelSpec spec : List.of(TestModels.spec(), TestModels.untied())) {
      try (Decoder decoder = Decoder.initialise(spec, 5, bfloat16())) {
        List<TrainRecord> everyToken =
            IntStream.range(0, TestModels.VOCABULARY)
                .mapToObj(id -> TrainRecord.unconstrained(prompt, new int[] {id}))
                .toList();
        assertThat(shareOnGrid(decoder.scoreRecords(everyToken))).isLessThan(0.3);
        try (ForwardPass pass = decoder.forward(everyToken)) {
          double[] logProbs = pass.logProbs();
          float[] singles = new float[logProbs.length];
          for (int i = 0; i < singles.length; i++) {
            singles[i] = (float) logProbs[i];
          }
          assertThat(shareOnGrid(singles)).isLessThan(0.3);
        }
        List<SampleRequest> requests =
            IntStream.range(0, 200)
                .mapToObj(i -> new SampleRequest(prompt, 1, 1, i, new int[0], List.of()))
                .toList();
        Map<Integer, Float> sampled = new HashMap<>();
        decoder
            .sample(requests)
            .forEach(sample -> sampled.put(sample.tokens()[0], sample.logProbs()[0]));
        float[] drawn = new float[sampled.size()];
        int next = 0;
        for (float logProb : sampled.values()) {
          drawn[next++] = logProb;
        }
        assertThat(drawn.length).isGreaterThan(8);
        assertThat(shareOnGrid(drawn)).isLessThan(0.3);
      }
    }
  }

  /** Of the ten greatest, by their distance from the greatest of all. */
  private static double shareOnGrid(float[] logProbs) {
    float[] sorted = logProbs.clone();
    Arrays.sort(sorted);
    int compared = Math.min(10, sorted.length - 1);
    int on = 0;
    for (int i = 0; i < compared; i++) {
      double steps = 512.0 * (sorted[sorted.length - 1] - sorted[sorted.length - 2 - i]);
      on += Math.abs(steps - Math.rint(steps)) < 0.01 ? 1 : 0;
    }
    return (double) on / compared;
  }

  @Test
  void anAdapterLearnsOnFrozenBfloat16Weights() {
    List<TrainRecord> records = TestModels.records(6, 20);
    try (Decoder base = Decoder.initialise(ModelSpec.house(TestModels.VOCABULARY), 1, bfloat16());
        Decoder decoder =
            base.withAdapter(LoraSettings.of(8, 16, List.of("q_proj", "v_proj", "up_proj")), 1);
        Optimiser optimiser = decoder.newOptimiser(AdamWSettings.defaults())) {
      double first = decoder.trainStep(records, optimiser, 2e-2, 1).loss();
      double last = first;
      for (int i = 0; i < 30; i++) {
        last = decoder.trainStep(records, optimiser, 2e-2, 1).loss();
      }
      assertThat(last).isLessThan(0.8 * first);
      assertThat(decoder.scoreFrozen(records)).isEqualTo(base.scoreRecords(records));
    }
  }

  /**
   * A model computes about the same either way, with and without an adapter; but of a widened
   * product's gradient no bit is rounded away before it is added to its sum.
   */
  @Test
  void widenedProductsGiveTheirGradientsWhole() {
    List<TrainRecord> records = TestModels.records(7, 4);
    LoraSettings lora = LoraSettings.of(4, 8, List.of("q_proj", "v_proj", "o_proj", "up_proj"));
    for (ModelSpec spec : List.of(TestModels.spec(), TestModels.untied())) {
      try (Decoder wide = Decoder.initialise(spec, 5, bfloat16(Bfloat16Products.WIDENED));
          Decoder narrow = wide.copy(bfloat16(Bfloat16Products.NATIVE));
          Decoder wideAdapter = wide.withAdapter(lora, 1);
          Decoder narrowAdapter = narrow.withAdapter(lora, 1)) {
        assertThat(wide.scoreRecords(records))
            .containsExactly(narrow.scoreRecords(records), within(0.1f));
        assertClose(gradients(wide, records), gradients(narrow, records));
        assertClose(gradients(wideAdapter, records), gradients(narrowAdapter, records));
        String matrix = "model.layers.0.mlp.down_proj.weight";
        assertThat(shareRounded(gradients(narrow, records).getOrDefault(matrix, new float[0])))
            .isEqualTo(1);
        assertThat(shareRounded(gradients(wide, records).getOrDefault(matrix, new float[0])))
            .isLessThan(0.1);
      }
    }
  }

  private static Execution bfloat16(Bfloat16Products products) {
    return Execution.cpu(1).withPrecision(Precision.BFLOAT16).withBfloat16Products(products);
  }

  private static Map<String, float[]> gradients(Decoder decoder, List<TrainRecord> records) {
    try (Gradients gradients = decoder.newGradients()) {
      decoder.accumulateCrossEntropy(records, 1, gradients);
      return gradients.values();
    }
  }

  private static void assertClose(Map<String, float[]> actual, Map<String, float[]> expected) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    actual.forEach(
        (name, values) -> {
          float[] others = expected.getOrDefault(name, new float[0]);
          double difference = 0;
          double square = 0;
          for (int i = 0; i < values.length; i++) {
            difference += Math.pow(values[i] - others[i], 2);
            square += Math.pow(others[i], 2);
          }
          assertThat(Math.sqrt(difference)).as(name).isLessThanOrEqualTo(0.1 * Math.sqrt(square));
        });
  }

  /** The share of numbers that bfloat16 has too. */
  private static double shareRounded(float[] values) {
    return IntStream.range(0, values.length)
            .filter(i -> (Float.floatToRawIntBits(values[i]) & 0xffff) == 0)
            .count()
        / (double) values.length;
  }

  @Test
  void refusesToCutMomentsOf64Bits() {
    try (Decoder decoder =
            Decoder.initialise(
                TestModels.spec(), 1, Execution.cpu(1).withPrecision(Precision.FLOAT64));
        Optimiser optimiser = decoder.newOptimiser(AdamWSettings.defaults())) {
      assertThatThrownBy(() -> optimiser.save(directory.resolve("state")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("train in FLOAT32");
    }
  }

  private static Execution bfloat16() {
    return Execution.cpu(2).withPrecision(Precision.BFLOAT16);
  }
}
