package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.value.ContentHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A command line that must fail: with one sentence, and with nothing lost. */
final class Mistake {
  private Mistake() {}

  /** What looks like a run that has ended, in a new folder of its own. */
  static Path finishedRun(Path folder) throws IOException {
    Path finished = Files.createDirectory(folder.resolve("finished"));
    Files.writeString(finished.resolve("config.yaml"), "mode: static\nseed: 1\n");
    Files.writeString(finished.resolve("metrics.jsonl"), "{\"round\":0}\n");
    Files.writeString(finished.resolve("summary.json"), "{}\n");
    return finished;
  }

  /**
   * Runs it and answers its sentence.
   *
   * @param kept folders in which nothing may change
   */
  static String sentence(int status, List<Path> kept, String... arguments) throws IOException {
    Map<String, String> before = contents(kept);
    CommandLineOf.Said said = CommandLineOf.tandem((Object[]) arguments);
    assertThat(said.status()).as(said.err()).isEqualTo(status);
    assertThat(contents(kept)).isEqualTo(before);
    assertThat(said.out()).isEmpty();
    assertThat(said.err()).startsWith("tandem: ").endsWith("\n").doesNotContain("unexpected");
    assertThat(said.err().lines()).hasSize(1);
    return said.err().strip();
  }

  private static Map<String, String> contents(List<Path> folders) throws IOException {
    Map<String, String> files = new TreeMap<>();
    for (Path folder : folders) {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path file : all.filter(Files::isRegularFile).toList()) {
          if (!file.endsWith(".lock")) {
            files.put(file.toString(), ContentHash.sha256(Files.readAllBytes(file)));
          }
        }
      }
    }
    return files;
  }
}
