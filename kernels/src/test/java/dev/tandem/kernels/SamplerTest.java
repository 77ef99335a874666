package dev.tandem.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.kernels.operation.ArrayElement;
import dev.tandem.kernels.operation.Matrix;
import dev.tandem.kernels.operation.SampleTokens;
import dev.tandem.kernels.operation.SamplingRule;
import dev.tandem.kernels.operation.Values;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What samplers draw, by every backend. */
final class SamplerTest {
  private static final int DRAWS = 20_000;

  /** The probabilities 0.4, 0.3, 0.2, 0.1 and 0. */
  private static final double[] LOGITS = {
    Math.log(2), Math.log(4), Double.NEGATIVE_INFINITY, Math.log(3), Math.log(1)
  };

  static Stream<Arguments> backendsAndDraws() {
    return Backends.all()
        .flatMap(
            backend ->
                Arrays.stream(SamplingRule.Draw.values()).map(draw -> Arguments.of(backend, draw)));
  }

  @ParameterizedTest
  @MethodSource("backendsAndDraws")
  void drawsByProbability(KernelBackend backend, SamplingRule.Draw draw) {
    int[] counts = counts(backend, new SamplingRule(1, 0, 1, 0, draw));
    // The 99.9% point with 3 degrees of freedom.
    assertThat(chiSquare(counts, 0.2, 0.4, 0, 0.3, 0.1)).isLessThan(16.27);
  }

  @ParameterizedTest
  @MethodSource("backendsAndDraws")
  void temperatureFlattens(KernelBackend backend, SamplingRule.Draw draw) {
    double[] roots = {Math.sqrt(2), 2, 0, Math.sqrt(3), 1};
    double sum = Arrays.stream(roots).sum();
    int[] counts = counts(backend, new SamplingRule(2, 0, 1, 0, draw));
    assertThat(chiSquare(counts, Arrays.stream(roots).map(root -> root / sum).toArray()))
        .isLessThan(16.27);
  }

  @ParameterizedTest
  @MethodSource("backendsAndDraws")
  void filtersKeepTheLargest(KernelBackend backend, SamplingRule.Draw draw) {
    assertThat(drawn(backend, new SamplingRule(1, 2, 1, 0, draw))).containsExactly(1, 3);
    assertThat(drawn(backend, new SamplingRule(1, 0, 0.69, 0, draw))).containsExactly(1, 3);
    assertThat(drawn(backend, new SamplingRule(1, 0, 0.71, 0, draw))).containsExactly(0, 1, 3);
    assertThat(drawn(backend, new SamplingRule(1, 0, 1, 0.6, draw))).containsExactly(1, 3);
    // Of the two largest, 4/7 and 3/7, the first reaches 0.5 alone.
    assertThat(drawn(backend, new SamplingRule(1, 2, 0.5, 0, draw))).containsExactly(1);
    assertThat(drawn(backend, new SamplingRule(0, 0, 1, 0, draw))).containsExactly(1);
  }

  @ParameterizedTest
  @MethodSource("backendsAndDraws")
  void aRowsDrawIsItsOwn(KernelBackend backend, SamplingRule.Draw draw) {
    SamplingRule rule = new SamplingRule(1, 0, 1, 0, draw);
    int[] together = draw(Backends.supported(backend), rule, 100, 0);
    for (int row = 0; row < 100; row++) {
      assertThat(draw(Backends.supported(backend), rule, 1, row)).containsExactly(together[row]);
    }
  }

  private static Set<Integer> drawn(KernelBackend backend, SamplingRule rule) {
    Set<Integer> tokens = new TreeSet<>();
    for (int token : draw(Backends.supported(backend), rule, 500, 0)) {
      tokens.add(token);
    }
    return tokens;
  }

  private static int[] counts(KernelBackend backend, SamplingRule rule) {
    int[] counts = new int[LOGITS.length];
    for (int token : draw(Backends.supported(backend), rule, DRAWS, 0)) {
      counts[token]++;
    }
    return counts;
  }

  /** One draw for each position from the first on. */
  private static int[] draw(Kernels kernels, SamplingRule rule, int rows, int firstPosition) {
    double[] logits = new double[rows * LOGITS.length];
    Arrays.setAll(logits, i -> LOGITS[i % LOGITS.length]);
    long[] seeds = new long[rows];
    Arrays.fill(seeds, 42);
    long[] positions = new long[rows];
    Arrays.setAll(positions, row -> firstPosition + row);
    int[] tokens = new int[rows];
    kernels.run(
        new SampleTokens(
            Matrix.of(Values.of(logits).segment(), ArrayElement.F64, rows, LOGITS.length),
            Values.of(seeds),
            Values.of(positions),
            rule,
            Values.of(tokens),
            Values.of(new double[rows])));
    return tokens;
  }

  private static double chiSquare(int[] counts, double... probabilities) {
    double sum = 0;
    for (int token = 0; token < counts.length; token++) {
      double expected = DRAWS * probabilities[token];
      if (expected == 0) {
        assertThat(counts[token]).isZero();
      } else {
        sum += (counts[token] - expected) * (counts[token] - expected) / expected;
      }
    }
    return sum;
  }
}
