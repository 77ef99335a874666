package dev.tandem.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.trainer.model.learn.AdamWSettings;
import dev.tandem.trainer.model.learn.ForwardPass;
import dev.tandem.trainer.model.learn.Gradients;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.torch.Execution;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ScoringTest {

  @Test
  void scoresARowTheSameAloneAndInARaggedBatch() {
    List<int[]> rows = TestModels.rows(1, 40, 60);
    try (Decoder decoder = TestModels.decoder()) {
      float[][] together = decoder.score(rows);
      for (int i = 0; i < rows.size(); i++) {
        float[] alone = decoder.score(List.of(rows.get(i)))[0];
        assertThat(together[i]).hasSize(rows.get(i).length - 1);
        assertThat(together[i]).containsExactly(alone, within(1e-5f));
      }
    }
  }

  @Test
  void givesTheSameBitsTwiceAndForAnyNumberOfWorkers() {
    List<TrainRecord> records = TestModels.records(2, 300);
    byte[] reference = bitsOfATraining(records, 1);
    assertThat(bitsOfATraining(records, 1)).isEqualTo(reference);
    assertThat(bitsOfATraining(records, 2)).isEqualTo(reference);
    assertThat(bitsOfATraining(records, 3)).isEqualTo(reference);
  }

  private static byte[] bitsOfATraining(List<TrainRecord> records, int workers) {
    Execution execution = Execution.cpu(workers, 700);
    try (Decoder decoder = Decoder.initialise(TestModels.spec(), 5, execution);
        Optimiser optimiser = decoder.newOptimiser(AdamWSettings.defaults())) {
      StringBuilder bits = new StringBuilder();
      for (int step = 0; step < 3; step++) {
        bits.append(decoder.trainStep(records, optimiser, 1e-2, 1));
        decoder
            .sample(TestModels.unconstrained(step, 100, 1))
            .forEach(
                sample ->
                    bits.append(Arrays.toString(sample.tokens()))
                        .append(Arrays.toString(sample.logProbs())));
      }
      return (bits + decoder.weightsSha256()).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }
  }

  @Test
  void reportsTheEntropyOfTheDistributionThatATokenWasDrawnFrom() {
    int[] prompt = {3, 1, 4};
    try (Decoder decoder = TestModels.decoder()) {
      double[] logProbs =
          IntStream.range(0, TestModels.VOCABULARY)
              .mapToDouble(
                  id -> decoder.score(List.of(new int[] {3, 1, 4, id}))[0][prompt.length - 1])
              .toArray();
      double free = entropy(logProbs);
      double[] some = {logProbs[6], logProbs[7], logProbs[8]};
      double logSum = Math.log(Arrays.stream(some).map(Math::exp).sum());
      double constrained = entropy(Arrays.stream(some).map(value -> value - logSum).toArray());
      try (ForwardPass pass =
          decoder.forward(
              List.of(
                  TrainRecord.unconstrained(prompt, new int[] {7}),
                  new TrainRecord(prompt, new int[] {7}, new int[][] {{6, 7, 8}})))) {
        assertThat(pass.entropies()[0]).isCloseTo(free, within(1e-4));
        assertThat(pass.entropies()[1]).isCloseTo(constrained, within(1e-4));
        assertThat(pass.logProbs()[0]).isCloseTo(logProbs[7], within(1e-4));
        assertThat(pass.logProbs()[1]).isCloseTo(logProbs[7] - logSum, within(1e-4));
      }
    }
  }

  private static double entropy(double[] logProbs) {
    return -Arrays.stream(logProbs).map(value -> Math.exp(value) * value).sum();
  }

  @Test
  void copiesAreIndependent() {
    try (Decoder decoder = TestModels.decoder();
        Decoder reference = decoder.copy();
        Optimiser optimiser = decoder.newOptimiser(AdamWSettings.defaults())) {
      String before = decoder.weightsSha256();
      assertThat(reference.weightsSha256()).isEqualTo(before);
      decoder.trainStep(TestModels.records(3, 10), optimiser, 1e-2, 1);
      assertThat(decoder.weightsSha256()).isNotEqualTo(before);
      assertThat(reference.weightsSha256()).isEqualTo(before);
    }
  }

  @Test
  void theSeedDecidesTheFreshWeights() {
    ModelSpec spec = ModelSpec.house(112);
    try (Decoder one = Decoder.initialise(spec, 1, Execution.cpu(1));
        Decoder again = Decoder.initialise(spec, 1, Execution.cpu(1));
        Decoder other = Decoder.initialise(spec, 2, Execution.cpu(1));
        Gradients shapes = one.newGradients()) {
      assertThat(again.weightsSha256()).isEqualTo(one.weightsSha256());
      assertThat(other.weightsSha256()).isNotEqualTo(one.weightsSha256());
      Map<String, float[]> tensors = shapes.values();
      long elements = tensors.values().stream().mapToLong(values -> values.length).sum();
      assertThat(elements).isEqualTo(spec.parameters());
    }
  }
}
