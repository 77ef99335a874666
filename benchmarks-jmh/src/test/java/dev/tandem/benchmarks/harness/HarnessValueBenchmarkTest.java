package dev.tandem.benchmarks.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.config.HarnessChange;
import org.junit.jupiter.api.Test;

final class HarnessValueBenchmarkTest {
  private final HarnessValueBenchmark benchmark = new HarnessValueBenchmark();

  @Test
  void diffFindsOneChangeOfEachKind() {
    assertThat(benchmark.diff())
        .hasAtLeastOneElementOfType(HarnessChange.Added.class)
        .hasAtLeastOneElementOfType(HarnessChange.Removed.class)
        .hasAtLeastOneElementOfType(HarnessChange.Moved.class)
        .hasAtLeastOneElementOfType(HarnessChange.Reparametrised.class);
  }

  @Test
  void hashIsTheSameEachTime() {
    assertThat(benchmark.hash()).isEqualTo(new HarnessValueBenchmark().hash());
  }
}
