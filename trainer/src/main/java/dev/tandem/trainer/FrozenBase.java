package dev.tandem.trainer;

import dev.tandem.trainer.checkpoint.CheckpointRecord;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The model below a run's adapter, which its checkpoints refer to and do not copy: the recipe's
 * checkpoint, or for a model that was warmed up here the one in the run's first checkpoint.
 */
final class FrozenBase {
  private final RunConfig config;
  private final RunFolder folder;
  private Optional<CheckpointRecord.Base> known = Optional.empty();

  FrozenBase(RunConfig config, RunFolder folder) {
    this.config = config;
    this.folder = folder;
  }

  /** Where the base of a complete round's adapter lies. */
  Path at(Path checkpoint) {
    CheckpointRecord.Base said = CheckpointRecord.of(checkpoint).base();
    known = Optional.ofNullable(said);
    return said == null ? folder.checkpoint(0) : said.at(checkpoint);
  }

  /**
   * What the next checkpoint is to refer to; empty where it is to hold the whole model. The files
   * are hashed once a process.
   */
  Optional<CheckpointRecord.Base> get() throws IOException {
    if (known.isEmpty() && config.model().lora().settings().isPresent()) {
      Path first = folder.checkpoint(0);
      if (!config.warmsUp()) {
        Path outside = Path.of(config.model().checkpoint()).toAbsolutePath().normalize();
        known = Optional.of(CheckpointRecord.Base.of(outside.toString(), outside));
      } else if (Files.exists(first)) {
        known = Optional.of(CheckpointRecord.Base.of("../" + first.getFileName(), first));
      }
    }
    return known;
  }
}
