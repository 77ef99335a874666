package dev.tandem.trainer.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.trainer.Tiny;
import dev.tandem.trainer.io.DamagedStateException;
import dev.tandem.trainer.io.Manifest;
import dev.tandem.trainer.policy.Policy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CheckpointRecordTest {
  @TempDir private Path folder;

  @Test
  void aLaterFormatIsRefusedWhateverElseTheFolderHolds() throws IOException {
    try (Policy policy = Tiny.policy(1)) {
      policy.save(folder);
    }
    CheckpointRecord.write(folder, null);
    HfCheckpoint.open(folder);
    Path file = folder.resolve("tandem-checkpoint.json");
    Files.writeString(file, "{\"format\": 3, \"holds\": \"something else\", \"where\": 1}");
    String refusal =
        file
            + " has format 3 and this build reads at most 2: use the build that wrote it, or a"
            + " newer one";
    assertThatThrownBy(() -> HfCheckpoint.open(folder))
        .isInstanceOf(DamagedStateException.class)
        .hasMessage(refusal);
    Manifest.seal(folder);
    assertThatThrownBy(() -> HfCheckpoint.open(folder)).hasMessage(refusal);
  }

  @Test
  void aFolderWithoutOneIsOfTheFirstFormat() {
    assertThat(CheckpointRecord.of(folder)).isEqualTo(new CheckpointRecord(1, null));
  }

  @Test
  void theBaseIsItsWeightsConfigurationAndTokenizerAndNothingElse() throws IOException {
    Path base = folder.resolve("base");
    try (Policy policy = Tiny.policy(1)) {
      policy.save(base);
    }
    Files.writeString(base.resolve("README.md"), "A model.");
    Path adapted = Files.createDirectories(folder.resolve("run/round"));
    CheckpointRecord.write(adapted, CheckpointRecord.Base.of("../../base", base));
    CheckpointRecord.Base read = Objects.requireNonNull(CheckpointRecord.of(adapted).base());
    assertThat(read.files().keySet())
        .containsExactly(
            "config.json",
            "generation_config.json",
            "model.safetensors",
            "tokenizer.json",
            "tokenizer_config.json");
    assertThat(read.at(adapted)).isEqualTo(base);
    Files.writeString(base.resolve("README.md"), "A good model.");
    read.verify(adapted);
    Files.delete(base.resolve("tokenizer.json"));
    assertThatThrownBy(() -> read.verify(adapted))
        .isInstanceOf(DamagedStateException.class)
        .hasMessage(
            "%s is missing: put back what the adapter in %s was trained on",
            base.resolve("tokenizer.json"), adapted);
  }
}
