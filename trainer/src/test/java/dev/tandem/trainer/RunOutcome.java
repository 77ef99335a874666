package dev.tandem.trainer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.harness.value.ContentHash;
import dev.tandem.trainer.io.FileSeal;
import dev.tandem.trainer.io.Manifest;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What two runs must have in common that differ in nothing but how often they were interrupted. */
public final class RunOutcome {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What depends on the clock or on the machine. */
  private static final List<String> MEASURED =
      List.of(
          "rollout_seconds",
          "overlapped_seconds",
          "aegis_seconds",
          "train_seconds",
          "score_seconds",
          "update_seconds",
          "evaluation_seconds",
          "write_seconds",
          "finished_at",
          "sample_tokens_per_second",
          "train_tokens_per_second",
          "wall_seconds",
          "peak_rss_mb",
          "seconds");

  private RunOutcome() {}

  /**
   * Every file that a run leaves, by name, with its bytes' hash, less clock and what is made from
   * others.
   */
  public static Map<String, String> of(Path run) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(run)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        String name = run.relativize(file).toString();
        if (isMeasured(name)) {
          files.put(name, withoutTimes(file));
        } else if (name.endsWith(Manifest.NAME)) {
          files.put(name, withoutMeasured(Manifest.read(file.resolveSibling(""))));
        } else if (!name.startsWith("index.sqlite")
            && !name.equals(RunFiles.REPORT)
            && !name.startsWith(RunFiles.TENSORBOARD)
            && !name.equals(".lock")) {
          files.put(name, ContentHash.sha256(Files.readAllBytes(file)));
        }
      }
    }
    return files;
  }

  private static boolean isMeasured(String name) {
    return name.endsWith(RunFolder.STATE)
        || name.endsWith(RunFiles.METRICS)
        || name.endsWith(RunFiles.STEPS)
        || name.endsWith(RunFiles.SUMMARY);
  }

  private static String withoutTimes(Path file) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String line : Files.readAllLines(file)) {
      text.append(((ObjectNode) JSON.readTree(line)).remove(MEASURED)).append('\n');
    }
    return text.toString();
  }

  /** What a manifest says of files in which no time stands. */
  private static String withoutMeasured(Manifest manifest) {
    Map<String, FileSeal> seals = new TreeMap<>(manifest.files());
    seals.putAll(manifest.elsewhere());
    seals.putAll(manifest.beginnings());
    seals.keySet().removeIf(RunOutcome::isMeasured);
    return seals.toString();
  }
}
