package dev.tandem.benchmarks.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.trainer.model.shape.ModelSpec;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CheckpointLoadingTest {

  @TempDir private Path folder;

  @Test
  void measuresTheWholeCheckpointAndLeavesNothingBehind() throws IOException {
    ModelSpec spec = DecoderWorkload.MEDIUM.spec();
    CheckpointLoading.Result result = CheckpointLoading.measure(spec, folder);
    assertThat(result.parameters()).isEqualTo(spec.parameters());
    assertThat(result.bytes()).isBetween(2 * spec.parameters(), 2 * spec.parameters() + 10_000);
    assertThat(result.unchanged()).isTrue();
    assertThat(result.loadSeconds()).isPositive();
    assertThat(result.saveSeconds()).isPositive();
    assertThat(result.heapPeakBytes()).isPositive();
    assertThat(folder).isEmptyDirectory();
  }
}
