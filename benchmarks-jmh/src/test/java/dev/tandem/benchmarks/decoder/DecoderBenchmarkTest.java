package dev.tandem.benchmarks.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class DecoderBenchmarkTest {
  private static final int BATCH = 3;

  @ParameterizedTest
  @EnumSource
  void worksOnTheTokensItCounts(DecoderWorkload model) {
    DecoderBenchmark benchmark = new DecoderBenchmark();
    benchmark.model = model;
    benchmark.batch = BATCH;
    benchmark.open();
    try {
      DecoderBenchmark.Counters counters = new DecoderBenchmark.Counters();
      double[] fresh = {Math.log(model.spec().vocabularySize())};

      assertThat(benchmark.score(counters)).hasDimensions(BATCH, model.rowTokens() - 1);
      assertThat(counters.tokens).isEqualTo((long) BATCH * model.rowTokens());

      counters.tokens = 0;
      assertThat(benchmark.sample(counters))
          .hasSize(BATCH)
          .allSatisfy(sample -> assertThat(sample.tokens()).hasSize(model.responseTokens()));
      assertThat(counters.tokens).isEqualTo((long) BATCH * model.responseTokens());

      // A fresh decoder knows nothing: it does no better than a uniform guess, and little worse.
      assertThat(benchmark.supervisedStep(counters)).isBetween(fresh[0] - 0.3, fresh[0] + 1.5);
      assertThat(benchmark.policyStep(counters)).isPositive();
      assertThat(counters.tokens)
          .isEqualTo((long) BATCH * (model.responseTokens() + 2 * model.rowTokens()));
    } finally {
      benchmark.close();
    }
  }

  @Test
  void hasTheSizesItStates() {
    assertThat(DecoderWorkload.HOUSE.spec().parameters()).isBetween(230_000L, 270_000L);
    assertThat(DecoderWorkload.MEDIUM.spec().parameters()).isBetween(3_350_000L, 3_450_000L);
  }
}
