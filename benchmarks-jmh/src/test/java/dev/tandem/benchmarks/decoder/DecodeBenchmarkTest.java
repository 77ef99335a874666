package dev.tandem.benchmarks.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class DecodeBenchmarkTest {
  @Test
  void bothDecodersGiveTheSameTokens() throws IOException {
    DecodeBenchmark benchmark = new DecodeBenchmark();
    benchmark.batch = 3;
    benchmark.newTokens = 12;
    benchmark.open(); // compares them
    try {
      DecoderBenchmark.Counters counters = new DecoderBenchmark.Counters();
      assertThat(benchmark.torchScript(counters)).hasSize(3);
      assertThat(benchmark.ndArrays(counters)).hasDimensions(3, 12);
      assertThat(counters.tokens).isEqualTo(2 * 3 * 12);
    } finally {
      benchmark.close();
    }
  }
}
