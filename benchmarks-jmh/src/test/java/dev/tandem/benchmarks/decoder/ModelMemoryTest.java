package dev.tandem.benchmarks.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.torch.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelMemoryTest {

  @TempDir private Path folder;

  @Test
  void doesEveryModesWorkBesideItsPrediction() throws IOException {
    assumeTrue(Files.isWritable(Path.of("/proc/self/clear_refs")), "the peak is read from /proc");
    ModelSpec spec = DecoderWorkload.HOUSE.spec();
    for (ModelMemory.Mode mode : ModelMemory.Mode.values()) {
      ModelMemory.Result result =
          ModelMemory.measure(spec, mode, Precision.FLOAT32, folder.resolve("random"));
      assertThat(result.predicted().bytes("weights")).isEqualTo(4 * spec.parameters());
      assertThat(result.before()).isPositive();
      assertThat(result.json("a", "b", "c", "d"))
          .containsEntry("measured", "a b c")
          .containsEntry("error", result.error());
    }
    assertThat(folder.resolve("random/config.json")).exists();
  }
}
