package dev.tandem.benchmarks.house;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.aegis.plan.Landscape;
import java.io.IOException;
import org.junit.jupiter.api.Test;

final class DigestBenchmarkTest {
  @Test
  void findsWhatGoesWrong() throws IOException {
    DigestBenchmark benchmark = new DigestBenchmark();
    benchmark.trajectories = 48;
    benchmark.play();
    try {
      Landscape landscape = benchmark.digest();

      assertThat(landscape.digest().attempts()).isEqualTo(48);
      assertThat(landscape.clusters()).isNotEmpty();
    } finally {
      benchmark.close();
    }
  }
}
