package dev.tandem.trainer.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PlotTest {
  private static final Pattern TICK =
      Pattern.compile("<text class=\"tick\" text-anchor=\"end\"[^>]*>([^<]*)</text>");

  /** The letters that have room left of the axis. */
  private static final int WIDEST = 8;

  private static List<String> labels(Chart.Kind kind, Chart.Range range, double... values) {
    List<OptionalDouble> points = Arrays.stream(values).mapToObj(OptionalDouble::of).toList();
    Chart.Series series = new Chart.Series("mean", "c1", Chart.Form.LINE, points, List.of());
    Chart chart = new Chart("Figure", "unit", "", kind, range, false, false, List.of(series));
    List<Integer> rounds = IntStream.range(0, values.length).boxed().toList();
    return TICK.matcher(new Plot(chart, rounds, List.of()).svg())
        .results()
        .map((MatchResult match) -> match.group(1))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "0.99988, 1.00028",
    "0.999999, 1.000001",
    "0.99999999, 1.00000001",
    "0.9, 1.1",
    "1, 1",
    "0, 0",
    "1e-9, 3e-9",
    "1.00001e-7, 1.00009e-7",
    "-3e-12, 4e-12",
    "-0.02, 0.013",
    "999.96, 1000.04",
    "1234567, 1234569",
    "15000, 15900",
    "0, 17e6",
    "2e9, 2.0004e9"
  })
  void labelsOfTicksAreDistinctAndHaveRoom(double low, double high) {
    for (Chart.Kind kind : Chart.Kind.values()) {
      for (Chart.Range range : List.of(Chart.Range.AS_IT_COMES, Chart.Range.FROM_ZERO)) {
        List<String> labels = labels(kind, range, low, high, (low + high) / 2);
        assertThat(labels).as("%s %s", kind, range).hasSizeBetween(3, 7).doesNotHaveDuplicates();
        assertThat(labels).allMatch(label -> label.length() <= WIDEST, "has room");
      }
    }
  }

  /** A note's number stands at the foot of a chart, where a point of 0% may be. */
  @Test
  void numbersOfNotesAreDrawnOverPoints() {
    List<Chart.Series> series =
        List.of(
            new Chart.Series(
                "mean", "c1", Chart.Form.POINTS, List.of(OptionalDouble.of(0)), List.of()));
    Chart chart = new Chart("F", "u", "", Chart.Kind.SHARE, Chart.Range.SHARE, false, true, series);
    assertThat(new Plot(chart, List.of(1), List.of(new Plot.Mark(1, "7", false))).svg())
        .containsPattern("<circle.*<text class=\"mark\"[^>]*>7<");
  }

  @Test
  void labelsAreNoLongerThanTheyMust() {
    assertThat(labels(Chart.Kind.NUMBER, Chart.Range.AS_IT_COMES, 0.99988, 1.00028))
        .containsExactly("0.9998", "1", "1.0002", "1.0004");
    assertThat(labels(Chart.Kind.NUMBER, Chart.Range.FROM_ZERO, 1e-6, 3e-6))
        .containsExactly("0", "1e\u22126", "2e\u22126", "3e\u22126");
    assertThat(labels(Chart.Kind.NUMBER, Chart.Range.FROM_ZERO, 5000, 15000))
        .containsExactly("0", "5k", "10k", "15k");
    assertThat(labels(Chart.Kind.SHARE, Chart.Range.FROM_ZERO, 0.005, 0.015))
        .containsExactly("0%", "0.5%", "1%", "1.5%");
  }
}
