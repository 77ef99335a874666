package dev.tandem.benchmarks.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class AdvantagesBenchmarkTest {
  @ParameterizedTest
  @CsvSource({"SCALAR, 8", "SCALAR, 64", "VECTOR_API, 8", "VECTOR_API, 64", "ND4J, 8", "ND4J, 64"})
  void agreesWithTheScalarKernels(AdvantagesBackend backend, int groupSize) {
    AdvantagesBenchmark benchmark = new AdvantagesBenchmark();
    benchmark.backend = backend;
    benchmark.groupSize = groupSize;
    benchmark.prepare();
    double[] first = benchmark.normalise();
    double[] second = benchmark.normalise();
    assertThat(second).isEqualTo(first);
    assertThat(Arrays.stream(first, 0, groupSize).sum()).isCloseTo(0, within(1e-9));
  }

  @ParameterizedTest
  @EnumSource
  void normalisesAGroupAsGrpoDefinesIt(AdvantagesBackend backend) {
    // Means 2 and 5; sample variances 4 / 3 and 14 / 3.
    double[] rewards = {1, 1, 3, 3, 5, 8, 4, 3};
    double[] advantages = backend.normaliser(2, 4).normalise(rewards);
    double first = Math.sqrt(3) / 2;
    double second = 1 / Math.sqrt(14.0 / 3);
    assertThat(advantages)
        .containsExactly(
            new double[] {-first, -first, first, first, 0, 3 * second, -second, -2 * second},
            within(1e-5));
    assertThat(rewards).containsExactly(1, 1, 3, 3, 5, 8, 4, 3);
  }
}
