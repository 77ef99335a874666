package dev.tandem.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.tensorboard.EventFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rows of steps and groups agree with the rounds they belong to, and survive a kill. */
final class RunRowsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private static Path runs;
  private static Path whole = Path.of("");

  @TempDir private Path folder;

  @BeforeAll
  static void run() throws IOException {
    whole = runs.resolve("run");
    TinyRun.run(whole, new SilentMonitor());
  }

  private static List<JsonNode> rows(String file, int round) throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    for (String line : Files.readAllLines(whole.resolve(file))) {
      JsonNode row = JSON.readTree(line);
      if (row.path("round").asInt() == round) {
        rows.add(row);
      }
    }
    return rows;
  }

  private static double sum(List<JsonNode> rows, String column) {
    return rows.stream().mapToDouble(row -> row.path(column).asDouble(Double.NaN)).sum();
  }

  @Test
  void theRowsOfARoundMakeItsLineOfMetrics() throws IOException {
    for (int round = 1; round <= TinyRun.ROUNDS; round++) {
      JsonNode line = rows(RunFiles.METRICS, round).getFirst();
      List<JsonNode> steps = rows(RunFiles.STEPS, round);
      assertThat(steps)
          .extracting(row -> row.path("step").asInt())
          .containsExactly(2 * (round - 1), 2 * (round - 1) + 1);
      assertThat(sum(steps, "tokens")).isEqualTo(line.path("tokens").asDouble());
      for (String column : List.of("loss", "grad_norm", "ratio_mean", "kl_behaviour")) {
        assertThat(sum(steps, column) / 2)
            .as(column)
            .isCloseTo(line.path(column).asDouble(), within(1e-12));
      }
      assertThat((sum(steps, "clip_low") + sum(steps, "clip_high")) / 2)
          .isCloseTo(line.path("clip_fraction").asDouble(), within(1e-12));
      assertThat(sum(steps, "seconds"))
          .isCloseTo(line.path("update_seconds").asDouble(), within(1e-9));

      List<JsonNode> groups = rows(RunFiles.GROUPS, round);
      assertThat(groups).hasSize(line.path("tasks").asInt()).isNotEmpty();
      assertThat(groups.stream().filter(row -> row.path("zero_variance").booleanValue()).count())
          .isEqualTo(Math.round(line.path("zero_variance_groups").asDouble() * groups.size()));
      assertThat(sum(groups, "fresh")).isEqualTo(line.path("episodes").asDouble());
      assertThat(groups.stream().mapToInt(row -> row.path("episodes").asInt()).sum())
          .isEqualTo(round == 1 ? 8 : 16);
    }
  }

  /** Only the second round on has trajectories of another round in its buffer. */
  @Test
  void stalenessIsCountedInRounds() throws IOException {
    assertThat(rows(RunFiles.METRICS, 1).getFirst().path("staleness").asDouble()).isZero();
    assertThat(rows(RunFiles.METRICS, 3).getFirst().path("staleness").asDouble()).isEqualTo(0.5);
    assertThat(sum(rows(RunFiles.STEPS, 1), "staleness")).isZero();
    assertThat(sum(rows(RunFiles.STEPS, 3), "staleness")).isBetween(0.2, 1.8);
  }

  @Test
  void aKillBetweenTheRowsOfTheLastRoundIsMadeGoodWithoutAWord() throws IOException {
    Map<String, String> undisturbed = RunOutcome.of(whole);
    Path run = folder.resolve("run");
    TinyRun.copy(whole, run);
    Files.delete(run.resolve(RunFiles.SUMMARY));
    Files.delete(run.resolve(RunFiles.HARNESS));
    Files.delete(run.resolve("tandem-manifest.json"));
    Files.deleteIfExists(new EventFile(run).path());
    List<String> steps = Files.readAllLines(run.resolve(RunFiles.STEPS));
    Files.writeString(
        run.resolve(RunFiles.STEPS),
        String.join("\n", steps.subList(0, 4)) + "\n" + steps.get(4).substring(0, 9));
    cutLastRound(run.resolve(RunFiles.GROUPS));
    SilentMonitor monitor = new SilentMonitor();
    TinyRun.run(run, monitor);
    assertThat(monitor.notes).containsExactly("resuming after round 3");
    assertThat(RunOutcome.of(run)).isEqualTo(undisturbed);
    assertThat(new EventFile(run).path()).hasSameBinaryContentAs(new EventFile(whole).path());
  }

  private static void cutLastRound(Path file) throws IOException {
    Files.writeString(
        file,
        Files.readString(file)
            .lines()
            .filter(line -> !line.startsWith("{\"round\":3,"))
            .map(line -> line + "\n")
            .reduce("", String::concat));
  }

  @Test
  void damagedRowsArePutBack() throws IOException {
    Path run = folder.resolve("run");
    TinyRun.copy(whole, run);
    Path file = run.resolve(RunFiles.STEPS);
    Files.writeString(file, Files.readString(file).replaceFirst("loss", "gain"));
    SilentMonitor monitor = new SilentMonitor();
    TinyRun.run(run, monitor);
    assertThat(monitor.notes)
        .anySatisfy(note -> assertThat(note).contains("steps.jsonl", "put back from the copy"));
    assertThat(file).hasSameBinaryContentAs(whole.resolve(RunFiles.STEPS));
  }
}
