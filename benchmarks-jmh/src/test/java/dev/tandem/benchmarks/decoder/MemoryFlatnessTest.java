package dev.tandem.benchmarks.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class MemoryFlatnessTest {
  @Test
  void reportsTheWorkAndTheMemoryItTook() throws IOException {
    assumeTrue(Files.exists(Path.of("/proc/self/status")), "resident memory is read from /proc");
    MemoryFlatness.Result result = MemoryFlatness.run(8, 40);
    assertThat(result.trainSteps()).isEqualTo(8);
    assertThat(result.sequences()).isEqualTo(40);
    assertThat(result.warm()).isGreaterThan(50);
    assertThat(result.most()).isGreaterThan(50);
    assertThat(result.json()).containsEntry("growth_mb", result.most() - result.warm());
  }
}
