package dev.tandem.benchmarks.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.code.CodeAnswer;
import org.junit.jupiter.api.Test;

final class CodeProcessorBenchmarkTest {
  @Test
  void theCodeChangesThePromptAndItsState() {
    CodeProcessorBenchmark benchmark = new CodeProcessorBenchmark();
    benchmark.start();
    try {
      assertThat(benchmark.call())
          .isEqualTo(
              new CodeAnswer.Returned(
                  "{\"outcome\":\"transform\",\"content\":\"you go to the shelf 1 . places : 12"
                      + " .\"}",
                  "{\"calls\":2}"));
    } finally {
      benchmark.end();
    }
  }
}
