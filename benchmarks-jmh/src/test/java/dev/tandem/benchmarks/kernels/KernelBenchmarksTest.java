package dev.tandem.benchmarks.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.benchmarks.measure.Traffic;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Preparing a benchmark compares its backend with the oracle, and fails where they differ. */
final class KernelBenchmarksTest {
  @ParameterizedTest
  @EnumSource
  void everyBackendScoresAsTheOracleDoes(ComparedBackend backend) {
    LogProbsBenchmark benchmark = new LogProbsBenchmark();
    benchmark.backend = backend;
    benchmark.shape = "9x207";
    benchmark.prepare();
    try {
      Traffic traffic = new Traffic();
      assertThat(benchmark.forward(traffic)).hasSize(9);
      assertThat(traffic.bytes).isEqualTo(9L * 207 * Float.BYTES);
    } finally {
      benchmark.free();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SCALAR", "VECTOR_API"})
  void tokenOperationsGiveWhatTheOracleGives(ComparedBackend backend) {
    TokensBenchmark benchmark = new TokensBenchmark();
    benchmark.backend = backend;
    benchmark.size = 4096;
    benchmark.prepare();
    try {
      Traffic traffic = new Traffic();
      assertThat(benchmark.adamW(traffic)).isBetween(-1.1, 1.1);
      assertThat(benchmark.whiten(traffic)).isFinite();
      assertThat(traffic.bytes).isEqualTo(4096L * (28 + 9));
    } finally {
      benchmark.free();
    }
  }
}
