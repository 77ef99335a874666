package dev.tandem.trainer.model.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.TestModels;
import dev.tandem.trainer.model.shape.DecoderInputException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class StopRuleTest {

  /** Token 12 reads "12 ". */
  private static String text(int[] tokens) {
    return Arrays.stream(tokens).mapToObj(id -> id + " ").collect(Collectors.joining());
  }

  private static SampleRequest request(long seed, StopRule stop) {
    return new SampleRequest(
        new int[] {3, 4, (int) seed % 30}, 40, SamplingRule.DEFAULT, seed, stop, List.of());
  }

  private static int[] first(int[] tokens, int count) {
    return Arrays.copyOf(tokens, count);
  }

  @Test
  void cutsAfterTheTokenThatCompletesAStopString() {
    try (Decoder decoder = TestModels.decoder()) {
      List<SampleRequest> free =
          IntStream.range(0, 30).mapToObj(i -> request(i, StopRule.NONE)).toList();
      List<Sample> whole = decoder.sample(free);
      // Each request stops at a text of its own: what three of its tokens read, but for the ends.
      List<SampleRequest> stopping =
          IntStream.range(0, 30)
              .mapToObj(
                  i -> {
                    String three = text(Arrays.copyOfRange(whole.get(i).tokens(), i, i + 3));
                    String inner = three.substring(1, three.length() - 1);
                    return request(i, StopRule.NONE.orAt(List.of("#", inner), StopRuleTest::text));
                  })
              .toList();
      List<Sample> stopped = decoder.sample(stopping);
      for (int i = 0; i < 30; i++) {
        String stop = stopping.get(i).stop().strings().getLast();
        int[] tokens = whole.get(i).tokens();
        int length = 1;
        while (!text(first(tokens, length)).contains(stop)) {
          length++;
        }
        assertThat(length).isLessThanOrEqualTo(i + 3);
        assertThat(stopped.get(i).tokens()).isEqualTo(first(tokens, length));
        assertThat(stopped.get(i).logProbs()).hasSize(length);
        assertThat(stopped.get(i).end()).isEqualTo(Sample.End.STOP_STRING);
      }
    }
  }

  @Test
  void saysWhyAResponseEnded() {
    try (Decoder decoder = TestModels.decoder()) {
      int[] tokens = decoder.sample(List.of(request(7, StopRule.NONE))).getFirst().tokens();
      int stop = tokens[9];
      int length =
          1 + IntStream.range(0, 40).filter(i -> tokens[i] == stop).findFirst().orElseThrow();
      List<Sample> samples =
          decoder.sample(
              List.of(
                  request(7, StopRule.NONE),
                  request(7, StopRule.at(stop)),
                  request(7, StopRule.at(stop).orAt(List.of("never"), StopRuleTest::text)),
                  new SampleRequest(
                      new int[] {1}, 2, 1, 1, new int[] {5}, List.of(new int[] {5, 6}))));
      assertThat(samples)
          .extracting(Sample::end)
          .containsExactly(
              Sample.End.LENGTH, Sample.End.STOP_ID, Sample.End.STOP_ID, Sample.End.CHOICE);
      assertThat(samples.get(1).tokens()).isEqualTo(first(tokens, length));
      assertThat(samples.get(2).tokens()).isEqualTo(first(tokens, length));
      assertThat(samples.get(3).tokens()).containsExactly(5, 6);
    }
  }

  @Test
  void refusesAnEmptyStopString() {
    assertThatThrownBy(() -> StopRule.NONE.orAt(List.of(""), StopRuleTest::text))
        .isInstanceOf(DecoderInputException.class)
        .hasMessage("a stop string is empty; leave it out");
  }
}
