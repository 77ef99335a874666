package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.rollout.store.TraceStore;
import dev.tandem.trainer.plugin.ScratchProject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a run in whose world or model too much goes wrong. */
@Timeout(120)
final class PoisonedRunTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int EPISODES = 18;

  /** A round's where most of the few train tasks are demonstrated. */
  private static final int OF_WHAT_IS_LEFT = 9;

  private static final int ATTEMPTS = 3;
  private static final int DEMONSTRATIONS = 30;

  private static final String RECIPE =
      """
      plugins: [scratch.jar]
      seed: 2
      rounds: 3
      environment: {name: corridor, length: 3}
      harness:
        processors:
          - type: system_prompt
          - type: history_window
            turns: 1
      model: {layers: 1, width: 32, heads: 2, key_value_heads: 1, head_dim: 16, mlp_width: 64,
        context_length: 256, response_tokens: 6}
      warm_start: {episodes: 30, passes: 1}
      rollout: {tasks_per_round: 6, episodes_per_task: 3, train_tasks: 12, concurrency: 32}
      aegis:
        actionable: 0
        bundle: {helps: 0.01, risk: 0.99}
        gate: {batch: 6, maximum_pairs: 24, power: 0}
      evaluation: {sealed_episodes: 12, curve_episodes: 6, every: 1}
      """;

  private static final String PROVIDED =
      """
      plugins: [scratch.jar]
      mode: static
      rounds: 9
      environment: corridor
      model: {provider: timid}
      harness: {processors: [{type: system_prompt}, {type: history_window, turns: 1}]}
      rollout: {tasks_per_round: 6, episodes_per_task: 3, train_tasks: 12, concurrency: 32,
        deadline: 60}
      evaluation: {sealed_episodes: 12, curve_episodes: 6}
      """;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  @TempDir private Path folder;
  private Path run = Path.of("");
  private int runs;

  private int train(String recipe, String... more) throws IOException {
    out.reset();
    err.reset();
    Path file = Files.writeString(folder.resolve("recipe.yaml"), recipe);
    run = folder.resolve("run-" + runs++);
    Console console =
        new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false);
    return Tandem.run(
        console,
        new Failures(console, folder),
        Stream.concat(
                Stream.of(
                    "train", file.toString(), "--out", run.toString(), "--device", "cpu", "--json"),
                Stream.of(more))
            .toArray(String[]::new));
  }

  /** What the run of so many rounds came to. */
  private JsonNode summary(int rounds) throws IOException {
    assertThat(train(RECIPE.replace("rounds: 3", "rounds: " + rounds))).as(this::said).isZero();
    return JSON.readTree(
        out.toString(StandardCharsets.UTF_8).lines().reduce((first, last) -> last).orElse(""));
  }

  private String said() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private List<JsonNode> metrics() throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  /** A world whose roof comes down in some of its train episodes, by their number from 1. */
  private void buildWorld(String when) throws IOException {
    ScratchProject.jar(
        folder,
        "scratch.jar",
        text ->
            text.replace("return new Corridor();", "return new Corridor(task.split());")
                .replace(
                    "    private int at;\n",
                    """
                        private static final java.util.concurrent.atomic.AtomicInteger BEGUN =
                            new java.util.concurrent.atomic.AtomicInteger();
                        private final Split split;
                        private int at;

                        Corridor(Split split) { this.split = split; }
                    """)
                .replace(
                    "return shown(true);",
                    """
                    if (split == Split.TRAIN) {
                      int n = BEGUN.incrementAndGet();
                      if (%s) {
                        throw new IllegalStateException("the roof came down");
                      }
                    }
                    return shown(true);
                    """
                        .formatted(when)),
        ScratchProject.SERVICES,
        false);
  }

  @Test
  void aPoisonedRoundChangesNothingAndTheNextOneGoesOn() throws IOException {
    int before = DEMONSTRATIONS + OF_WHAT_IS_LEFT;
    buildWorld("n > %d && n <= %d".formatted(before, before + ATTEMPTS * OF_WHAT_IS_LEFT));

    JsonNode one = summary(1);
    JsonNode two = summary(2);
    JsonNode three = summary(3);

    for (String what : List.of("weights_sha256", "harness_sha256", "ledger_sha256", "shipped")) {
      assertThat(two.path(what)).as(what).isEqualTo(one.path(what));
    }
    assertThat(three.path("weights_sha256")).isNotEqualTo(two.path("weights_sha256"));
    assertThat(three.path("ledger_sha256")).isNotEqualTo(two.path("ledger_sha256"));

    List<JsonNode> metrics = metrics();
    assertThat(metrics).hasSize(4);
    JsonNode poisoned = metrics.get(2);
    assertThat(poisoned.path("poisoned").asText())
        .startsWith("9 of 9 episodes failed for reasons outside the agent, the first with: ")
        .contains("the roof came down");
    assertThat(poisoned.path("failed_episodes").asInt()).isEqualTo(OF_WHAT_IS_LEFT);
    assertThat(poisoned.path("attempts").asInt()).isEqualTo(ATTEMPTS * OF_WHAT_IS_LEFT);
    assertThat(poisoned.has("loss")).isFalse();
    for (int round : List.of(1, 3)) {
      assertThat(metrics.get(round).has("poisoned")).isFalse();
      assertThat(metrics.get(round).has("loss")).isTrue();
    }
    assertThat(said()).contains("round 2 changes nothing: 9 of 9 episodes failed");
  }

  /** A round that is played beside the learning of the round before is as poisoned as any. */
  @Test
  void aPoisonedRoundIsPassedOverBehindTheWeightsToo() throws IOException {
    int before = DEMONSTRATIONS + OF_WHAT_IS_LEFT;
    buildWorld("n > %d && n <= %d".formatted(before, before + ATTEMPTS * OF_WHAT_IS_LEFT));

    assertThat(train(RECIPE, "--set", "rollout.lag=1")).as(this::said).isZero();

    List<JsonNode> metrics = metrics();
    assertThat(metrics).hasSize(4);
    assertThat(metrics.get(2).path("poisoned").asText()).startsWith("9 of 9 episodes failed");
    assertThat(metrics.get(3).path("staleness").asDouble()).isEqualTo(1);
    try (TraceStore traces = TraceStore.openExisting(run)) {
      assertThat(traces.read(3))
          .isNotEmpty()
          .allMatch(one -> one.checkpoint().equals("round-0001"));
    }
  }

  @Test
  void threeInARowEndTheRunInOneSentence() throws IOException {
    buildWorld("true");

    assertThat(train(PROVIDED)).isEqualTo(ExitCode.FAILED.status());

    assertThat(ending())
        .containsExactly(
            "tandem: 3 rounds in a row changed nothing, the last because 18 of 18 episodes failed"
                + " for reasons outside the agent, the first with:"
                + " java.lang.IllegalStateException: the roof came down",
            "tandem: round 3 of 9 is complete; once that is mended, go on with");
    assertThat(metrics()).hasSize(4);
  }

  /** After the last round nothing could be measured; so it stays open, and is played again. */
  @Test
  void aProviderThatHangsInTheLastRoundLeavesThatRoundOpen() throws IOException {
    Path deaf = Files.createFile(folder.resolve("deaf"));
    ScratchProject.jar(
        folder,
        "scratch.jar",
        text ->
            text.replace("return new Corridor();", "return new Corridor(task.split());")
                .replace(
                    "    private int at;\n",
                    """
                        private int at;

                        Corridor(Split split) {
                          if (split == Split.TRAIN) {
                            System.setProperty("scratch.begun", Integer.getInteger("scratch.begun", 0) + 1 + "");
                          }
                        }
                    """)
                .replace(
                    "return requests.stream()",
                    """
                    while (Integer.getInteger("scratch.begun", 0) > %d
                        && java.nio.file.Files.exists(java.nio.file.Path.of("%s"))) {
                      try {
                        Thread.sleep(1);
                      } catch (InterruptedException deaf) {
                        Thread.onSpinWait();
                      }
                    }
                    return requests.stream()\
                    """
                        .formatted(EPISODES, deaf)),
        ScratchProject.SERVICES,
        false);
    System.clearProperty("scratch.begun");
    String recipe =
        PROVIDED.replace("deadline: 60", "deadline: 0.5").replace("rounds: 9", "rounds: 2");

    assertThat(train(recipe)).as(this::said).isEqualTo(ExitCode.FAILED.status());

    assertThat(ending())
        .hasSize(2)
        .satisfies(
            lines ->
                assertThat(lines.getFirst())
                    .startsWith(
                        "tandem: the last round changed nothing, because the model provider")
                    .contains("did not return from a call within its deadline of 0.5 s"))
        .endsWith("tandem: round 1 of 2 is complete; once that is mended, go on with");
    assertThat(metrics()).hasSize(2);
    assertThat(run.resolve("checkpoints")).isDirectoryNotContaining("glob:**/round-0002");

    Files.delete(deaf);
    runs--;
    assertThat(train(recipe, "--resume")).as(this::said).isZero();
    assertThat(metrics()).hasSize(3);
    assertThat(metrics().getLast().has("poisoned")).isFalse();
  }

  /** It hangs in its 40th call, whatever it is told. */
  @Test
  void aProviderThatHangsEndsTheRunInOneSentence() throws IOException {
    ScratchProject.jar(
        folder,
        "scratch.jar",
        text ->
            text.replace(
                    "return new ModelProvider() {",
                    "return new ModelProvider() {\n      private int calls;\n")
                .replace(
                    "return requests.stream()",
                    """
                    if (++calls == 40) {
                      while (true) {
                        try {
                          new java.util.concurrent.CountDownLatch(1).await();
                        } catch (InterruptedException deaf) {
                          Thread.onSpinWait();
                        }
                      }
                    }
                    return requests.stream()\
                    """),
        ScratchProject.SERVICES,
        false);

    assertThat(train(PROVIDED.replace("deadline: 60", "deadline: 0.5")))
        .as(this::said)
        .isEqualTo(ExitCode.FAILED.status());

    assertThat(said().lines().filter(line -> line.startsWith("tandem: ")))
        .hasSize(2)
        .first()
        .asString()
        .matches(
            "tandem: the last round changed nothing, because the model provider"
                + " 'timid@[0-9a-f]{12}' did not return from a call within its deadline of 0\\.5 s,"
                + " nor when it was interrupted, and is not called any more, for which .* episodes"
                + " failed");
  }

  /** What it said of its end; of the work that is lost it tells only on a slow machine. */
  private List<String> ending() {
    return said()
        .lines()
        .filter(line -> line.startsWith("tandem: "))
        .map(line -> line.replaceFirst("; the last .* of work are lost", ""))
        .toList();
  }
}
