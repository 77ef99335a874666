package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tandem.trainer.RunOutcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Signals and full disks in a real process: what it says, and what its run comes to. */
@Isolated
final class StoppedRunTest {
  private static final String RECIPE =
      """
      seed: 5
      rounds: 2
      model: {layers: 1, width: 32, heads: 2, key_value_heads: 1, head_dim: 16, mlp_width: 64,
        context_length: 256, response_tokens: 6}
      warm_start: {episodes: 40, passes: 1, batch: 64}
      harness:
        processors:
          - type: system_prompt
          - type: house_view
          - type: history_window
            turns: 1
      rollout: {tasks_per_round: 3, episodes_per_task: 3, train_tasks: 64}
      grpo: {kl: {estimator: k3, coefficient: 0.1}}
      optimiser: {weight_decay: 0.1, steps: 2}
      aegis:
        gate: {batch: 4, maximum_pairs: 8}
      evaluation: {sealed_episodes: 4, curve_episodes: 4}
      """;

  private static final String GO_ON =
      "; go on with\n  ./tandem train recipe.yaml --out run --resume";

  @TempDir private static Path folder;

  private static Map<String, String> undisturbed = Map.of();

  @BeforeAll
  static void runUndisturbed() throws IOException {
    assumeThat(Path.of("/bin/kill")).exists();
    Files.writeString(folder.resolve("recipe.yaml"), RECIPE);
    tandem(folder.resolve("undisturbed"));
    undisturbed = RunOutcome.of(folder.resolve("undisturbed"));
  }

  @Test
  void aRunThatIsStoppedAndFindsNoRoomEndsAsIfNothingHadBeen()
      throws IOException, InterruptedException {
    stop("warm start", "TERM", 143, "tandem: stopped by SIGTERM; nothing of the run is saved yet");
    findNoRoom(
        "round 1 rollouts",
        10_000,
        "tandem: the train episodes of round 1 cannot be stored in run/traces",
        "tandem: round 0 of 2 is complete");
    String interrupt = isInterruptIgnored() ? "TERM" : "INT";
    stop(
        "round 1 rollouts",
        interrupt,
        isInterruptIgnored() ? 143 : 130,
        "tandem: stopped by SIG%s; round 0 of 2 is complete".formatted(interrupt));
    findNoRoom(
        "round 1 training",
        80_000,
        "tandem: run/checkpoints/.round-0001.tmp/optimiser.safetensors: cannot be written (File"
            + " too large); check space and permissions",
        "tandem: round 0 of 2 is complete");
    stop("round 2 training", "TERM", 143, "tandem: stopped by SIGTERM; round 1 of 2 is complete");
    tandem(folder.resolve("run"), "--resume");
    assertThat(RunOutcome.of(folder.resolve("run"))).isEqualTo(undisturbed);
  }

  @Test
  void whereLibrariesCannotBeUnpackedIsSaidInOneSentence()
      throws IOException, InterruptedException {
    Path noFolder = Files.writeString(folder.resolve("no-folder"), "");
    String[] arguments = arguments(Path.of("recipe.yaml"), Path.of("nowhere"));
    try (ChildRun run =
        ChildRun.start(folder, List.of("-Djava.io.tmpdir=" + noFolder), arguments)) {
      assertThat(run.status()).isEqualTo(1);
      assertThat(run.said())
          .contains(
              "tandem: SQLite, which lists the episodes, cannot unpack its library into %s: free a few MB there, see that its files may be written and executed, or name another folder with TMPDIR"
                  .formatted(noFolder))
          .doesNotContain("\tat ", "warm start  ");
    }
  }

  /** Where there is no way to limit a process from outside, this is passed over. */
  private static void findNoRoom(String when, long bytes, String sentence, String left)
      throws IOException, InterruptedException {
    if (Stream.of("/usr/bin/prlimit", "/bin/prlimit")
        .noneMatch(file -> Files.exists(Path.of(file)))) {
      return;
    }
    try (ChildRun run = start().until(when).limitFiles(bytes)) {
      assertThat(run.status()).as(run::said).isEqualTo(1);
      assertThat(run.said()).contains(sentence, "File too large").doesNotContain("unexpected");
      assertThat(run.lastWords("tandem: "))
          .startsWith(left)
          .contains("; once that is mended, go on with\n")
          .endsWith("\n  ./tandem train recipe.yaml --out run --resume\n");
    }
  }

  /** Begins the run, or goes on with it. */
  private static ChildRun start() throws IOException {
    String[] more =
        Files.exists(folder.resolve("run/config.yaml")) ? new String[] {"--resume"} : new String[0];
    return ChildRun.start(folder, arguments(Path.of("recipe.yaml"), Path.of("run"), more));
  }

  private static String[] arguments(Path recipe, Path run, String... more) {
    return Stream.concat(
            Stream.of("train", recipe.toString(), "--out", run.toString()), Stream.of(more))
        .toArray(String[]::new);
  }

  private static void stop(String when, String signal, int status, String sentence)
      throws IOException, InterruptedException {
    try (ChildRun run = start().until(when)) {
      long sent = System.nanoTime();
      assertThat(run.signal(signal).status()).as(run::said).isEqualTo(status);
      assertThat(Duration.ofNanos(System.nanoTime() - sent)).isLessThan(Duration.ofSeconds(20));
      assertThat(run.lastWords("tandem: "))
          .startsWith(sentence)
          .containsPattern("(; the last \\d.* of work are lost)?; go on with\n")
          .endsWith(GO_ON + "\n");
      assertThat(run.said()).contains("\r\u001b[Ktandem: stopped");
    }
  }

  private static void tandem(Path run, String... more) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(text, true, StandardCharsets.UTF_8);
    Console console = new Console(stream, stream, false);
    String[] arguments = arguments(folder.resolve("recipe.yaml"), run, more);
    assertThat(Tandem.run(console, new Failures(console, folder), arguments))
        .as(() -> text.toString(StandardCharsets.UTF_8))
        .isZero();
  }

  /** A process in the background of a script has SIGINT ignored, and so have its children. */
  private static boolean isInterruptIgnored() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("SigIgn:")) {
        return (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0;
      }
    }
    return false;
  }
}
