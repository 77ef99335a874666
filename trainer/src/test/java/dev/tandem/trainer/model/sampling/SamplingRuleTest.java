package dev.tandem.trainer.model.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.TestModels;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.shape.DecoderInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SamplingRuleTest {

  private Decoder decoder;

  @BeforeAll
  void makeDecoder() {
    decoder = TestModels.decoder();
  }

  @AfterAll
  void closeDecoder() {
    decoder.close();
  }

  @Test
  void reportsTheLogProbsThatAFullForwardGives() {
    List<SampleRequest> requests =
        Stream.of(
                TestModels.unconstrained(1, 60, 1.0),
                TestModels.unconstrained(2, 30, 0.6),
                TestModels.unconstrained(3, 10, 0),
                TestModels.constrained(4, 60))
            .flatMap(List::stream)
            .toList();
    List<Sample> samples = decoder.sample(requests);
    List<TrainRecord> records =
        IntStream.range(0, requests.size())
            .mapToObj(i -> samples.get(i).asTrainRecord(requests.get(i).prompt()))
            .toList();
    float[] scored = decoder.scoreRecords(records);
    int token = 0;
    for (Sample sample : samples) {
      for (float logProb : sample.logProbs()) {
        assertThat(logProb).isCloseTo(scored[token++], within(1e-4f));
      }
    }
    assertThat(token).isEqualTo(scored.length);
  }

  @Test
  void drawsWithTheModelsOwnFrequencies() {
    int[] prompt = {5, 6, 7};
    int draws = 20_000;
    double[] frequencies = new double[TestModels.VOCABULARY];
    List<SampleRequest> requests =
        IntStream.range(0, draws)
            .mapToObj(seed -> new SampleRequest(prompt, 1, 1, seed, new int[0], List.of()))
            .toList();
    decoder.sample(requests).forEach(sample -> frequencies[sample.tokens()[0]] += 1.0 / draws);
    double[] probabilities = nextTokenProbabilities(prompt);
    for (int id = 0; id < frequencies.length; id++) {
      double error = Math.sqrt(probabilities[id] * (1 - probabilities[id]) / draws);
      assertThat(frequencies[id]).isCloseTo(probabilities[id], within(5 * error + 1e-4));
    }
  }

  @Test
  void sharpensTheDistributionByTheTemperature() {
    int[] prompt = {8, 2};
    double temperature = 0.5;
    int draws = 10_000;
    double[] frequencies = new double[TestModels.VOCABULARY];
    decoder
        .sample(
            IntStream.range(0, draws)
                .mapToObj(
                    seed -> new SampleRequest(prompt, 1, temperature, seed, new int[0], List.of()))
                .toList())
        .forEach(sample -> frequencies[sample.tokens()[0]] += 1.0 / draws);
    double[] powers =
        Arrays.stream(nextTokenProbabilities(prompt))
            .map(p -> Math.pow(p, 1 / temperature))
            .toArray();
    double total = Arrays.stream(powers).sum();
    for (int id = 0; id < frequencies.length; id++) {
      double expected = powers[id] / total;
      double error = Math.sqrt(expected * (1 - expected) / draws);
      assertThat(frequencies[id]).isCloseTo(expected, within(5 * error + 1e-4));
    }
  }

  private double[] nextTokenProbabilities(int[] prompt) {
    List<int[]> rows =
        IntStream.range(0, TestModels.VOCABULARY)
            .mapToObj(id -> IntStream.concat(IntStream.of(prompt), IntStream.of(id)).toArray())
            .toList();
    float[][] scores = decoder.score(rows);
    return Arrays.stream(scores).mapToDouble(row -> Math.exp(row[row.length - 1])).toArray();
  }

  @Test
  void drawsARowTheSameAloneAndInABatch() {
    List<SampleRequest> requests = new ArrayList<>(TestModels.unconstrained(5, 20, 1.0));
    requests.addAll(TestModels.constrained(6, 20));
    List<Sample> together = decoder.sample(requests);
    for (int i = 0; i < requests.size(); i++) {
      Sample alone = decoder.sample(List.of(requests.get(i))).getFirst();
      assertThat(alone.tokens()).isEqualTo(together.get(i).tokens());
    }
  }

  @Test
  void endsAtAStopTokenOrAtTheLimit() {
    List<SampleRequest> requests = TestModels.unconstrained(7, 200, 1.0);
    List<Sample> samples = decoder.sample(requests);
    int stopped = 0;
    for (int i = 0; i < requests.size(); i++) {
      int[] tokens = samples.get(i).tokens();
      int last = tokens[tokens.length - 1];
      boolean stop = last == 3 || last == 4;
      stopped += stop ? 1 : 0;
      assertThat(IntStream.of(tokens).limit(tokens.length - 1)).doesNotContain(3, 4);
      assertThat(stop || tokens.length == requests.get(i).maxNewTokens()).isTrue();
      assertThat(tokens).hasSizeLessThanOrEqualTo(requests.get(i).maxNewTokens());
    }
    assertThat(stopped).isBetween(1, 199);
  }

  @Test
  void neverLeavesTheChoices() {
    List<SampleRequest> requests = TestModels.constrained(8, 300);
    List<Sample> samples = decoder.sample(requests);
    for (int i = 0; i < requests.size(); i++) {
      assertThat(requests.get(i).choices()).contains(samples.get(i).tokens());
    }
  }

  @Test
  void givesTheOnlyChoiceWithCertainty() {
    int[] only = {9, 2, 30, 1};
    Sample sample =
        decoder
            .sample(
                List.of(new SampleRequest(new int[] {4, 4}, 4, 0, 1, new int[0], List.of(only))))
            .getFirst();
    assertThat(sample.tokens()).isEqualTo(only);
    assertThat(sample.logProbs()).containsExactly(0, 0, 0, 0);
    assertThat(sample.allowed()).isDeepEqualTo(new int[][] {{9}, {2}, {30}, {1}});
  }

  @Test
  void renormalisesOverTheAllowedTokensOnly() {
    int[] prompt = {12, 13};
    List<int[]> choices = List.of(new int[] {20, 1}, new int[] {21, 1}, new int[] {22, 1});
    Sample sample =
        decoder
            .sample(List.of(new SampleRequest(prompt, 2, 1, 77, new int[0], choices)))
            .getFirst();
    double[] free = nextTokenProbabilities(prompt);
    double expected = Math.log(free[sample.tokens()[0]] / (free[20] + free[21] + free[22]));
    assertThat((double) sample.logProbs()[0]).isCloseTo(expected, within(1e-4));
  }

  @Test
  void refusesChoicesOfWhichOneIsAPrefixOfAnother() {
    SampleRequest request =
        new SampleRequest(
            new int[] {1}, 4, 1, 1, new int[0], List.of(new int[] {2, 3}, new int[] {2, 3, 4}));
    assertThatThrownBy(() -> decoder.sample(List.of(request)))
        .isInstanceOf(DecoderInputException.class)
        .hasMessageContaining("choice [2, 3] is a prefix of another");
  }

  @Test
  void refusesWhatDoesNotFitTheModel() {
    assertThatThrownBy(() -> new SampleRequest(new int[0], 1, 1, 1, new int[0], List.of()))
        .isInstanceOf(DecoderInputException.class)
        .hasMessageContaining("the prompt is empty");
    assertThatThrownBy(
            () ->
                decoder.sample(
                    List.of(new SampleRequest(new int[100], 29, 1, 1, new int[0], List.of()))))
        .isInstanceOf(DecoderInputException.class)
        .hasMessageContaining("request 0 needs 129 positions, the model has 128");
    assertThatThrownBy(
            () ->
                decoder.sample(
                    List.of(new SampleRequest(new int[] {40}, 1, 1, 1, new int[0], List.of()))))
        .isInstanceOf(DecoderInputException.class)
        .hasMessageContaining("token id 40, outside the vocabulary of 40");
    assertThatThrownBy(() -> decoder.score(List.of(new int[] {1}, new int[0])))
        .isInstanceOf(DecoderInputException.class)
        .hasMessageContaining("row 1 is empty");
  }

  @Test
  void usesEveryPositionOfTheModel() {
    Sample sample =
        decoder
            .sample(List.of(new SampleRequest(new int[100], 28, 1, 1, new int[0], List.of())))
            .getFirst();
    assertThat(sample.tokens()).hasSize(28);
  }
}
