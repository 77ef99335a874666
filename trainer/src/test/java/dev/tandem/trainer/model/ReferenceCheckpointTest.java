package dev.tandem.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import dev.tandem.trainer.model.learn.Gradients;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.sampling.Sample;
import dev.tandem.trainer.model.sampling.SampleRequest;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.model.torch.MatrixLibrary;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The decoder against values that transformers computed in float64. */
final class ReferenceCheckpointTest {

  private static final Percentage ONE_IN_TEN_THOUSAND = Percentage.withPercentage(0.01);

  @ParameterizedTest
  @ValueSource(strings = {"qwen3-tied", "qwen2-untied", "llama-gqa", "llama3-rope"})
  void scoresTokensLikeTransformers(String name) {
    Path checkpoint = Fixtures.checkpoint(name);
    List<Fixtures.Case> cases = Fixtures.cases(checkpoint);
    try (Decoder decoder = Decoder.load(checkpoint, Execution.cpu(2))) {
      float[][] scores = decoder.score(cases.stream().map(Fixtures.Case::ids).toList());
      for (int row = 0; row < scores.length; row++) {
        double[] expected = cases.get(row).logProbs();
        assertThat(scores[row]).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
          assertThat((double) scores[row][i]).isCloseTo(expected[i], within(1e-4));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"qwen3-tied", "qwen2-untied", "llama-gqa", "llama3-rope"})
  void continuesGreedilyLikeTransformers(String name) {
    Path checkpoint = Fixtures.checkpoint(name);
    List<Fixtures.Case> cases = Fixtures.cases(checkpoint);
    try (Decoder decoder = Decoder.load(checkpoint, Execution.cpu(2))) {
      List<Sample> samples =
          decoder.sample(
              cases.stream()
                  .map(
                      one ->
                          new SampleRequest(
                              one.ids(), one.greedy().length, 0, 1, new int[0], List.of()))
                  .toList());
      for (int row = 0; row < samples.size(); row++) {
        assertThat(samples.get(row).tokens()).isEqualTo(cases.get(row).greedy());
      }
    }
  }

  @Test
  void agreesWithBothMatrixLibraries() {
    Path checkpoint = Fixtures.checkpoint("qwen3-tied");
    Fixtures.Case one = Fixtures.cases(checkpoint).getLast();
    for (MatrixLibrary library : MatrixLibrary.values()) {
      Execution execution = new Execution(Device.cpu(), 1, 1, 4096, 4096, library);
      try (Decoder decoder = Decoder.load(checkpoint, execution)) {
        assertThat(lossGradientNorms(decoder, one))
            .as("%s", library)
            .allSatisfy(
                (tensor, norm) ->
                    assertThat(norm)
                        .isCloseTo(
                            one.gradientNorms().getOrDefault(tensor, -1.0), ONE_IN_TEN_THOUSAND));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"qwen3-tied", "qwen2-untied", "llama-gqa", "llama3-rope"})
  void differentiatesTheLossLikeTransformers(String name) {
    Path checkpoint = Fixtures.checkpoint(name);
    try (Decoder decoder = Decoder.load(checkpoint, Execution.cpu(2))) {
      for (Fixtures.Case one : Fixtures.cases(checkpoint)) {
        Map<String, Double> norms = lossGradientNorms(decoder, one);
        assertThat(norms.keySet()).isEqualTo(one.gradientNorms().keySet());
        one.gradientNorms()
            .forEach(
                (tensor, norm) ->
                    assertThat(norms.get(tensor)).as(tensor).isCloseTo(norm, ONE_IN_TEN_THOUSAND));
      }
    }
  }

  private static Map<String, Double> lossGradientNorms(Decoder decoder, Fixtures.Case one) {
    TrainRecord record =
        TrainRecord.unconstrained(
            new int[] {one.ids()[0]}, Arrays.copyOfRange(one.ids(), 1, one.ids().length));
    int tokens = record.response().length;
    try (Gradients gradients = decoder.newGradients()) {
      double sum = decoder.accumulateCrossEntropy(List.of(record), 1.0 / tokens, gradients);
      assertThat(sum / tokens).isCloseTo(one.loss(), within(1e-4));
      return gradients.norms();
    }
  }
}
