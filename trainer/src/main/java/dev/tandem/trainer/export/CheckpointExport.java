package dev.tandem.trainer.export;

import dev.tandem.trainer.checkpoint.HfCheckpoint;
import dev.tandem.trainer.io.AtomicFiles;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.model.file.WeightFormat;
import dev.tandem.trainer.model.weights.AdapterFiles;
import dev.tandem.trainer.run.RunFolder;
import dev.tandem.trainer.run.RunRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * A run's weights as a Hugging Face folder: what the checkpoint holds less the run's own
 * bookkeeping, and beside it the harness it was trained under and a model card.
 */
public final class CheckpointExport {
  private static final String MODEL_CONFIG = "config.json";
  private static final String GENERATION_CONFIG = "generation_config.json";

  private final Provenance provenance;
  private final Path checkpoint;
  private final Path draft;

  private CheckpointExport(Provenance provenance, Path checkpoint, Path draft) {
    this.provenance = provenance;
    this.checkpoint = checkpoint;
    this.draft = draft;
  }

  /**
   * The round that is exported.
   *
   * @throws ExportException if there is none yet
   */
  static int newestRound(Path run, RunFolder folder) throws IOException {
    return folder
        .newestRound()
        .orElseThrow(
            () ->
                new ExportException(
                    run + " has no checkpoint yet: let its warm start finish, then export"));
  }

  /**
   * Writes the folder whole or not at all. Equal runs give equal bytes.
   *
   * @throws ExportException if the run has no checkpoint yet, has no adapter where one is asked
   *     for, or the folder holds something
   * @throws dev.tandem.trainer.io.DamagedStateException if the run's newest round is not as it was
   *     written
   * @throws dev.tandem.trainer.model.file.CheckpointException if the checkpoint cannot be used
   */
  public static void write(Path run, Path to, ExportOptions options) throws IOException {
    write(run, OptionalInt.empty(), to, options);
  }

  /**
   * The same of a certain round.
   *
   * @throws ExportException also if the run does not have it, or not any more
   */
  public static void write(Path run, OptionalInt ofRound, Path to, ExportOptions options)
      throws IOException {
    RunFolder folder = new RunFolder(run);
    int round = ofRound.isPresent() ? chosen(folder, ofRound.getAsInt()) : newestRound(run, folder);
    Path checkpoint = folder.checkpoint(round);
    RunRecords.requireSealed(folder, round);
    requireFree(to);
    Path target = to.toAbsolutePath().normalize();
    Path draft = target.resolveSibling("." + target.getFileName() + ".tmp");
    remove(draft);
    Files.createDirectories(draft);
    try {
      CheckpointExport export =
          new CheckpointExport(Provenance.of(folder, round, options.version()), checkpoint, draft);
      switch (options.content()) {
        case MERGED -> export.merged(options.format());
        case ADAPTER -> export.adapter();
      }
      export.describe(options);
      Files.deleteIfExists(target);
      Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      remove(draft);
    }
  }

  private static int chosen(RunFolder folder, int round) {
    if (!folder.completeRounds().contains(round)) {
      throw ExportException.refused(
          "--round %d: %s"
              .formatted(
                  round,
                  folder
                      .dropped(round)
                      .orElse("%s has no such round yet".formatted(folder.path()))));
    }
    return round;
  }

  private void merged(WeightFormat format) throws IOException {
    HfCheckpoint.open(checkpoint).convert(draft, format);
  }

  private void adapter() throws IOException {
    Path adapter = checkpoint.resolve(RunFiles.ADAPTER);
    if (!AdapterFiles.isIn(adapter)) {
      throw ExportException.refused(
          checkpoint + " holds no adapter: the run trained all weights; leave --lora off");
    }
    HfCheckpoint.open(checkpoint).copyCompanions(draft, WeightFormat.SINGLE.type());
    new AdapterFiles(adapter).copy(draft, provenance.base());
    // The base model's own; beside an adapter they would make it look like a whole model.
    for (String name : new String[] {MODEL_CONFIG, GENERATION_CONFIG}) {
      Files.deleteIfExists(draft.resolve(name));
    }
  }

  private void describe(ExportOptions options) throws IOException {
    AtomicFiles.write(draft.resolve("harness.yaml"), provenance.harness().text());
    AtomicFiles.write(draft.resolve("README.md"), new ModelCard(provenance, options).text());
  }

  private static void requireFree(Path to) throws IOException {
    if (!Files.exists(to)) {
      return;
    }
    if (!Files.isDirectory(to) || !isEmpty(to)) {
      throw ExportException.refused(
          to + " holds something already: name a folder that does not exist");
    }
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }

  private static void remove(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
