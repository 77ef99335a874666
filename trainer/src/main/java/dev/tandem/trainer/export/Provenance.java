package dev.tandem.trainer.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.store.TraceStore;
import dev.tandem.trainer.checkpoint.HfCheckpoint;
import dev.tandem.trainer.io.FileSeal;
import dev.tandem.trainer.io.Manifest;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.run.RunFolder;
import dev.tandem.trainer.run.RunState;
import dev.tandem.trainer.run.SuccessRate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Where a run's weights come from. Nothing of it depends on when or where the run was made.
 *
 * @param run the run's folder name
 * @param base the checkpoint it began from, as its recipe names it; empty for a fresh model
 * @param baseFolder a folder with the weights before the first round
 * @param baseWeights SHA-256 of those weights as singles, in the order of their names
 * @param traces SHA-256 over the SHA-256 of each file of train episodes of all complete rounds, a
 *     line each
 * @param harness what it ended with
 * @param before success on the sealed split before the first round
 * @param after success on the sealed split when it was last measured
 * @param version of Tandem
 */
record Provenance(
    String run,
    String environment,
    String mode,
    String seed,
    int rounds,
    String base,
    Path baseFolder,
    String baseWeights,
    String traces,
    HarnessFile harness,
    SuccessRate before,
    SuccessRate after,
    String version) {

  static Provenance of(RunFolder folder, int round, String version) throws IOException {
    JsonNode config =
        new ObjectMapper(new YAMLFactory())
            .readTree(folder.path().resolve(RunFiles.CONFIG).toFile());
    String provider = config.path("model").path("provider").asText();
    if (!provider.isEmpty()) {
      throw new ExportException(
          "the run in %s was played by the provider '%s' and has no weights to export"
              .formatted(folder.path(), provider));
    }
    RunState state = folder.state(round);
    JsonNode world = config.path("environment");
    String base = config.path("model").path("checkpoint").asText();
    Path baseFolder = base.isEmpty() ? folder.checkpoint(0) : Path.of(base);
    return new Provenance(
        folder.path().toAbsolutePath().normalize().getFileName().toString(),
        world.isTextual() ? world.textValue() : world.path("name").asText(),
        config.path("mode").asText(),
        config.path("seed").asText(),
        state.round(),
        base,
        baseFolder,
        HfCheckpoint.open(folder.checkpoint(0)).weightsSha256(),
        tracesSha256(folder, round),
        HarnessFile.of(folder, round),
        state.start(),
        folder.lastSealed(round).orElse(state.start()),
        version);
  }

  /** By what the round's manifest vouches for: a lost file of old traces keeps no run in. */
  private static String tracesSha256(RunFolder folder, int round) {
    StringBuilder hashes = new StringBuilder();
    Manifest.read(folder.checkpoint(round))
        .elsewhere()
        .forEach(
            (file, seal) -> {
              if (TraceStore.segment(file).filter(one -> one.phase() == Phase.TRAIN).isPresent()) {
                hashes.append(seal.sha256()).append('\n');
              }
            });
    return FileSeal.of(hashes.toString().getBytes(StandardCharsets.UTF_8)).sha256();
  }
}
