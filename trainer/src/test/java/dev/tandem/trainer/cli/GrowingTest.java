package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.durable.CrashPoints;
import dev.tandem.harness.durable.DurableFiles;
import dev.tandem.trainer.RunOutcome;
import dev.tandem.trainer.TinyRun;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A finished run that is given a round more, when something is damaged or a kill comes. */
final class GrowingTest {
  private static final int GROWN = TinyRun.ROUNDS + 1;

  @TempDir private static Path shared;
  private static Map<String, String> longFromTheStart = Map.of();

  @TempDir private Path folder;
  private Path run = Path.of("");

  @BeforeAll
  static void runBoth() throws IOException {
    Files.writeString(shared.resolve("recipe.yaml"), ConfigLoader.effective(TinyRun.config()));
    assertThat(train("finished").status()).isZero();
    assertThat(train("long", "--set", "rounds=" + GROWN).status()).isZero();
    longFromTheStart = outcome(shared.resolve("long"));
  }

  @BeforeEach
  void copy() throws IOException {
    run = folder.resolve("run");
    TinyRun.copy(shared.resolve("finished"), run);
  }

  private record Said(int status, String text) {}

  private static Said train(String run, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("train", shared.resolve("recipe.yaml").toString(), "--out"));
    arguments.addAll(List.of(shared.resolve(run).toString(), "--device", "cpu"));
    arguments.addAll(List.of(more));
    return tandem(arguments);
  }

  private Said grow(String... more) {
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.addAll(List.of("--resume", "--set", "rounds=" + GROWN));
    return train(run.toString(), arguments.toArray(String[]::new));
  }

  private static Said tandem(List<String> arguments) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(text, true, StandardCharsets.UTF_8);
    Console console = new Console(stream, stream, false);
    int status =
        Tandem.run(console, new Failures(console, shared), arguments.toArray(String[]::new));
    return new Said(status, text.toString(StandardCharsets.UTF_8));
  }

  /** But for what vouches for rounds that were played when the run was to have fewer. */
  private static Map<String, String> outcome(Path run) throws IOException {
    DurableFiles.deleteTree(run.resolve("set-aside-001"));
    Map<String, String> files = RunOutcome.of(run);
    files
        .keySet()
        .removeIf(
            name ->
                name.matches(
                    "checkpoints/round-000[0-2]/(run/config[.]yaml|tandem-manifest[.]json)"));
    return files;
  }

  private void damageNewestManifest() throws IOException {
    Path manifest = run.resolve("checkpoints/round-0003/tandem-manifest.json");
    Files.writeString(manifest, Files.readString(manifest).replace("bytes", "bites"));
  }

  @Test
  void growsFromAnOlderRoundWhereTheNewestManifestIsDamaged() throws IOException {
    damageNewestManifest();
    Said said = grow("--from-round", "2");
    assertThat(said.status()).as(said.text()).isZero();
    assertThat(said.text()).contains("the run now has 4 rounds in the place of 3");
    assertThat(outcome(run)).isEqualTo(longFromTheStart);
  }

  @Test
  void nothingIsChangedWhereTheRunCannotGoOn() throws IOException {
    damageNewestManifest();
    String before = Files.readString(run.resolve("config.yaml"));
    Said said = grow();
    assertThat(said.status()).isEqualTo(1);
    assertThat(said.text())
        .contains(
            "round-0003/tandem-manifest.json is damaged: its own checksum does not fit: put back"
                + " the file that was written, or go on from another round with --from-round 2 or"
                + " --from-round 0")
        .doesNotContain("the run now has");
    assertThat(Files.readString(run.resolve("config.yaml"))).isEqualTo(before);
  }

  @Test
  void atEveryMomentTheReportTellsHowFarTheRunHasCome() throws IOException {
    List<String> told = new ArrayList<>();
    List<List<String>> seen = new ArrayList<>();
    CrashPoints.watched(
        moment -> {
          try {
            List<String> now = whatAReportReads();
            if (seen.isEmpty() || !seen.getLast().equals(now)) {
              seen.add(now);
              told.add(report(folder.resolve("image-" + seen.size()), moment));
            }
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        () -> assertThat(grow().status()).isZero());
    told.add(report(folder.resolve("end"), "at the end"));
    assertThat(told.stream().distinct())
        .containsExactly("finished", "stopped after round 3 of 4", "stopped after round 4 of 4");
    assertThat(told).endsWith("finished");
  }

  @Test
  void aRoundThatOnlyTheSummaryKnowsIsMissed() throws IOException {
    DurableFiles.deleteTree(run.resolve("checkpoints/round-0003"));
    Said said = tandem(List.of("report", run.toString()));
    assertThat(said.status()).isEqualTo(1);
    assertThat(said.text())
        .contains(
            "round-0003 is missing although %s shows that round 3 was completed: put back the folder, or go back with train --resume --from-round 2"
                .formatted(run.resolve("summary.json")));
  }

  /** Names and dates of what is not still being written. */
  private List<String> whatAReportReads() throws IOException {
    try (Stream<Path> files = Files.walk(run, 2)) {
      List<String> listing = new ArrayList<>();
      Path traces = run.resolve("traces");
      for (Path file :
          files
              .filter(one -> !one.startsWith(traces))
              .filter(one -> !one.getFileName().toString().startsWith("."))
              .toList()) {
        boolean dated = Files.isRegularFile(file) && !file.toString().contains("index.sqlite");
        listing.add(file + (dated ? " " + Files.getLastModifiedTime(file) : ""));
      }
      return listing;
    }
  }

  private String report(Path image, String moment) throws IOException {
    TinyRun.copy(run, image);
    Said said = tandem(List.of("report", image.toString()));
    assertThat(said.status()).as("%s: %s", moment, said.text()).isZero();
    String page = Files.readString(image.resolve("report.html"));
    return page.replaceAll("(?s).*?<span class=\"badge[^>]*>([^<]*)<.*", "$1");
  }
}
