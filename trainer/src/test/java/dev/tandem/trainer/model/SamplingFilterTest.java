package dev.tandem.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.trainer.model.sampling.Sample;
import dev.tandem.trainer.model.sampling.SampleRequest;
import dev.tandem.trainer.model.sampling.SamplingRule;
import dev.tandem.trainer.model.sampling.StopRule;
import dev.tandem.trainer.model.shape.DecoderInputException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Filters against their definition, computed here token by token. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SamplingFilterTest {

  private static final int[] PROMPT = {8, 2, 19};
  private static final int DRAWS = 4000;

  private Decoder decoder;
  private double[] probabilities;

  @BeforeAll
  void makeDecoder() {
    decoder = TestModels.decoder();
    List<int[]> rows =
        IntStream.range(0, TestModels.VOCABULARY)
            .mapToObj(id -> IntStream.concat(IntStream.of(PROMPT), IntStream.of(id)).toArray())
            .toList();
    probabilities =
        Arrays.stream(decoder.score(rows))
            .mapToDouble(row -> Math.exp(row[row.length - 1]))
            .toArray();
  }

  @AfterAll
  void closeDecoder() {
    decoder.close();
  }

  private static SampleRequest request(SamplingRule sampling, long seed) {
    return new SampleRequest(PROMPT, 1, sampling, seed, StopRule.NONE, List.of());
  }

  private static List<SampleRequest> requests(SamplingRule sampling) {
    return IntStream.range(0, DRAWS).mapToObj(seed -> request(sampling, seed)).toList();
  }

  static Stream<SamplingRule> filters() {
    return Stream.of(
        new SamplingRule(1, 5, 1, 0),
        new SamplingRule(1, 0, 0.7, 0),
        new SamplingRule(1, 0, 1, 0.2),
        new SamplingRule(1.5, 12, 0.8, 0),
        new SamplingRule(0.6, 0, 0.95, 0.05),
        new SamplingRule(2, 9, 0.9, 0.3),
        new SamplingRule(1, 1, 1, 0),
        new SamplingRule(1, 1000, 1, 0),
        new SamplingRule(3, 0, 1e-6, 0));
  }

  @ParameterizedTest
  @MethodSource("filters")
  void drawsFromWhatTheFiltersLeave(SamplingRule sampling) {
    double[] expected = filtered(sampling);
    double[] frequencies = new double[TestModels.VOCABULARY];
    for (Sample sample : decoder.sample(requests(sampling))) {
      int token = sample.tokens()[0];
      frequencies[token] += 1.0 / DRAWS;
      assertThat(sample.logProbs()[0])
          .as("the model's own log-probability")
          .isCloseTo((float) Math.log(probabilities[token]), within(1e-4f));
    }
    for (int id = 0; id < expected.length; id++) {
      if (expected[id] == 0) {
        assertThat(frequencies[id]).as("token %d is left out", id).isZero();
      } else {
        double error = Math.sqrt(expected[id] * (1 - expected[id]) / DRAWS);
        assertThat(frequencies[id]).isCloseTo(expected[id], within(5 * error + 1e-4));
      }
    }
  }

  /** Temperature, top-k, top-p on what is left, min-p; then what is left adds up to 1. */
  private double[] filtered(SamplingRule sampling) {
    double[] p =
        Arrays.stream(probabilities).map(x -> Math.pow(x, 1 / sampling.temperature())).toArray();
    Integer[] order = IntStream.range(0, p.length).boxed().toArray(Integer[]::new);
    Arrays.sort(order, (a, b) -> Double.compare(p[b], p[a]));
    int kept = sampling.topK() == 0 ? p.length : Math.min(sampling.topK(), p.length);
    double total = Arrays.stream(order).limit(kept).mapToDouble(id -> p[id]).sum();
    double mass = 0;
    int nucleus = 0;
    while (nucleus < kept && mass < sampling.topP() * total) {
      mass += p[order[nucleus++]];
    }
    double[] left = new double[p.length];
    for (int rank = 0; rank < nucleus; rank++) {
      int id = order[rank];
      left[id] = p[id] >= sampling.minP() * p[order[0]] ? p[id] : 0;
    }
    double sum = Arrays.stream(left).sum();
    return Arrays.stream(left).map(x -> x / sum).toArray();
  }

  @Test
  void filtersOfOneRowDoNotReachAnother() {
    List<SampleRequest> plain = requests(SamplingRule.DEFAULT).subList(0, 40);
    List<Sample> expected = decoder.sample(plain);
    List<SampleRequest> mixed =
        IntStream.range(0, 80)
            .mapToObj(
                i ->
                    i % 2 == 0
                        ? plain.get(i / 2)
                        : request(new SamplingRule(0.5, 1 + i, 0.5, 0.1), i))
            .toList();
    List<Sample> samples = decoder.sample(mixed);
    for (int i = 0; i < 40; i++) {
      assertThat(samples.get(2 * i).tokens()).isEqualTo(expected.get(i).tokens());
    }
  }

  @Test
  void greedyTakesTheLikeliestWhateverTheSeedAndTheFilters() {
    int likeliest =
        IntStream.range(0, probabilities.length)
            .reduce((a, b) -> probabilities[b] > probabilities[a] ? b : a)
            .orElseThrow();
    List<Sample> samples =
        decoder.sample(
            List.of(
                request(SamplingRule.GREEDY, 1),
                request(new SamplingRule(0, 3, 0.5, 0.5), 2),
                request(new SamplingRule(1, 3, 1, 0), 3),
                request(SamplingRule.GREEDY, 4)));
    for (int greedy : new int[] {0, 1, 3}) {
      assertThat(samples.get(greedy).tokens()).containsExactly(likeliest);
    }
  }

  @Test
  void filtersChooseAmongTheChoices() {
    List<int[]> choices = List.of(new int[] {20, 1}, new int[] {21, 1}, new int[] {22, 1});
    int best =
        IntStream.of(20, 21, 22)
            .reduce((a, b) -> probabilities[b] > probabilities[a] ? b : a)
            .orElseThrow();
    List<Sample> samples =
        decoder.sample(
            IntStream.range(0, 50)
                .mapToObj(
                    seed ->
                        new SampleRequest(
                            PROMPT, 2, new SamplingRule(1, 1, 1, 0), seed, StopRule.NONE, choices))
                .toList());
    assertThat(samples).allSatisfy(one -> assertThat(one.tokens()).containsExactly(best, 1));
  }

  @Test
  void refusesWhatIsOutOfRange() {
    assertThatThrownBy(() -> SamplingRule.atTemperature(-1))
        .isInstanceOf(DecoderInputException.class)
        .hasMessage("temperature must be 0 (greedy) or positive and finite, was -1.0");
    assertThatThrownBy(() -> SamplingRule.atTemperature(Double.NaN))
        .isInstanceOf(DecoderInputException.class);
    assertThatThrownBy(() -> new SamplingRule(1, -1, 1, 0))
        .hasMessageContaining("top-k")
        .hasMessageEndingWith("was -1");
    assertThatThrownBy(() -> new SamplingRule(1, 0, 0, 0))
        .hasMessageContaining("top-p")
        .hasMessageEndingWith("was 0.0");
    assertThatThrownBy(() -> new SamplingRule(1, 0, 1, 1.5))
        .hasMessageContaining("min-p")
        .hasMessageEndingWith("was 1.5");
  }
}
