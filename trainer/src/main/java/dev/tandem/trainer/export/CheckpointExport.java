package dev.tandem.trainer.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.tandem.trainer.io.AtomicFiles;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.learning.GrpoTrainer;
import dev.tandem.trainer.run.RunFolder;
import dev.tandem.trainer.run.RunState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A run's newest weights as a Hugging Face folder: what the checkpoint holds less the run's own
 * bookkeeping, and beside it the harness it was trained under and a model card.
 */
public final class CheckpointExport {
  private CheckpointExport() {}

  /**
   * Writes the folder whole or not at all.
   *
   * @throws ExportException if the run has no checkpoint yet, or the folder holds something
   */
  public static void write(Path run, Path to) throws IOException {
    RunFolder folder = new RunFolder(run);
    Path checkpoint =
        folder
            .latestCheckpoint()
            .orElseThrow(
                () ->
                    new ExportException(
                        run + " has no checkpoint yet: let its warm start finish, then export"));
    RunState state = folder.latestState().orElseThrow();
    requireFree(to);
    Path target = to.toAbsolutePath().normalize();
    Path draft = target.resolveSibling("." + target.getFileName() + ".tmp");
    remove(draft);
    Files.createDirectories(draft);
    try {
      for (Path file : files(checkpoint)) {
        Files.copy(file, draft.resolve(file.getFileName().toString()));
      }
      AtomicFiles.write(draft.resolve("harness.yaml"), state.aegis().incumbent().toYaml());
      AtomicFiles.write(draft.resolve("README.md"), card(run, state));
      Files.deleteIfExists(target);
      Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      remove(draft);
    }
  }

  private static void requireFree(Path to) throws IOException {
    if (!Files.exists(to)) {
      return;
    }
    if (!Files.isDirectory(to) || !isEmpty(to)) {
      throw new ExportException(to + " holds something already: name a folder that does not exist");
    }
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !file.endsWith(RunFolder.STATE))
          .filter(file -> !file.endsWith(GrpoTrainer.OPTIMISER_FILE))
          .sorted()
          .toList();
    }
  }

  /** Where the weights come from, for whoever finds them later. */
  private static String card(Path run, RunState state) throws IOException {
    JsonNode config =
        new ObjectMapper(new YAMLFactory()).readTree(run.resolve(RunFiles.CONFIG).toFile());
    String base = config.path("model").path("checkpoint").asText();
    return """
    ---
    library_name: transformers
    pipeline_tag: text-generation
    ---

    # %s

    Trained with Tandem: cross-harness GRPO on rollouts in the environment `%s`.

    | | |
    | --- | --- |
    | base model | %s |
    | mode | %s |
    | seed | %s |
    | rounds | %d |
    | harness (SHA-256 of its behaviour) | `%s` |
    | sealed success before training | %.1f%% |

    `harness.yaml` is the harness it was trained under; prompts are rendered by the chat template in
    `tokenizer_config.json`.
    """
        .formatted(
            run.toAbsolutePath().normalize().getFileName(),
            config.path("environment").asText(),
            base.isEmpty() ? "none: trained from scratch by behaviour cloning" : base,
            config.path("mode").asText(),
            config.path("seed").asText(),
            state.round(),
            state.aegis().incumbent().hash(),
            100 * state.start().success());
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
