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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Signals to a real process: what it says, how it ends, and what its run comes to. */
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

  @BeforeAll
  static void needsAShell() throws IOException {
    assumeThat(Path.of("/bin/bash")).exists();
    Files.writeString(folder.resolve("recipe.yaml"), RECIPE);
  }

  @Test
  void aRunThatIsStoppedAgainAndAgainEndsAsIfItHadNotBeen()
      throws IOException, InterruptedException {
    stop("warm start", "TERM", 143, "tandem: stopped by SIGTERM; nothing of the run is saved yet");
    String interrupt = isInterruptIgnored() ? "TERM" : "INT";
    stop(
        "round 1 rollouts",
        interrupt,
        isInterruptIgnored() ? 143 : 130,
        "tandem: stopped by SIG%s; round 0 of 2 is complete".formatted(interrupt),
        "--resume");
    stop(
        "round 2 training",
        "TERM",
        143,
        "tandem: stopped by SIGTERM; round 1 of 2 is complete",
        "--resume");
    tandem(folder.resolve("run"), "--resume");
    tandem(folder.resolve("undisturbed"));
    assertThat(RunOutcome.of(folder.resolve("run")))
        .isEqualTo(RunOutcome.of(folder.resolve("undisturbed")));
  }

  private static void stop(String when, String signal, int status, String sentence, String... more)
      throws IOException, InterruptedException {
    String[] arguments = new String[4 + more.length];
    System.arraycopy(new String[] {"train", "recipe.yaml", "--out", "run"}, 0, arguments, 0, 4);
    System.arraycopy(more, 0, arguments, 4, more.length);
    try (ChildRun run = ChildRun.start(folder, "", arguments).until(when)) {
      long sent = System.nanoTime();
      assertThat(run.signal(signal).status()).as(run::said).isEqualTo(status);
      assertThat(Duration.ofNanos(System.nanoTime() - sent)).isLessThan(Duration.ofSeconds(20));
      assertThat(run.lastWords("tandem: "))
          .startsWith(sentence)
          .containsPattern("; the last .+ of work are lost")
          .endsWith(GO_ON + "\n");
      assertThat(run.said()).contains("\r\u001b[Ktandem: stopped");
    }
  }

  private static void tandem(Path run, String... more) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(text, true, StandardCharsets.UTF_8);
    Console console = new Console(stream, stream, false);
    String[] arguments = new String[4 + more.length];
    System.arraycopy(
        new String[] {"train", folder.resolve("recipe.yaml").toString(), "--out", run.toString()},
        0,
        arguments,
        0,
        4);
    System.arraycopy(more, 0, arguments, 4, more.length);
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
