package dev.tandem.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.trainer.io.DamagedStateException;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.model.Fixtures;
import dev.tandem.trainer.plugin.Recipe;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.run.Monitor;
import dev.tandem.trainer.warmstart.WarmStartSaves;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A warm start by itself, of every kind of model: what comes out, and that a kill changes nothing.
 */
final class SftRunTest {
  private static final WarmStartSaves.Pace EVERY_STEP = new WarmStartSaves.Pace(Duration.ZERO, 0);
  private static final String MODEL =
      "model={layers: 1, width: 32, heads: 2, key_value_heads: 1, head_dim: 16, mlp_width: 64}";

  @TempDir private Path folder;
  private Path chats = Path.of("");
  private Path checkpoint = Path.of("");

  @BeforeEach
  void keepAModelAndChats() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      String thing = i % 2 == 0 ? "bed" : "desk";
      lines.add(
          """
          {"messages": [{"role": "user", "content": "go to %s %d"}, {"role": "assistant", "content": "open the %s"}, \
          {"role": "user", "content": "look"}, {"role": "assistant", "content": "the %s is open"}]}\
          """
              .formatted(thing, i % 5, thing, thing));
    }
    chats = Files.write(folder.resolve("chats.jsonl"), lines);
    checkpoint = folder.resolve("model");
    try (Policy policy = Tiny.policy(1)) {
      policy.save(checkpoint);
    }
  }

  private SftRun.Summary run(Path out, Monitor monitor, WarmStartSaves.Pace pace, String... sets)
      throws IOException {
    List<String> all =
        Stream.concat(
                Stream.of(
                    "warm_start={batch: 8, passes: 2, optimiser: adamw, learning_rate: 0.01,"
                        + " prompt_tokens: 96}"),
                Arrays.stream(sets))
            .toList();
    try (Recipe recipe = Recipe.ofDefaults(all);
        SftRun run =
            new SftRun(recipe.config(), recipe.doors(), out, Tiny.EXECUTION, monitor, pace)) {
      return run.execute();
    }
  }

  private String[] kind(String name) {
    return switch (name) {
      case "fresh" -> new String[] {MODEL, "warm_start.chats.file=" + chats};
      case "checkpoint" ->
          new String[] {"model.checkpoint=" + checkpoint, "warm_start.chats.file=" + chats};
      case "adapter" ->
          new String[] {
            "model.checkpoint=" + checkpoint, "model.lora.rank=4", "warm_start.chats.file=" + chats
          };
      case "expert" ->
          new String[] {
            "model.checkpoint=" + checkpoint,
            "warm_start.episodes=3",
            "warm_start.world_weight=0.5",
            "harness={processors: [{type: system_prompt}, {type: house_view}]}"
          };
      default -> throw new IllegalArgumentException(name);
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"fresh", "checkpoint", "adapter", "expert"})
  void learnsAndEndsWithTheSameBytesHoweverOftenItIsKilled(String kind) throws IOException {
    Path whole = folder.resolve("whole");
    SftRun.Summary summary =
        run(whole, new SilentMonitor(), WarmStartSaves.Pace.DEFAULT, kind(kind));
    assertThat(summary.after().loss()).isLessThan(0.8 * summary.before().loss());
    assertThat(summary.perplexity()).isEqualTo(Math.exp(summary.after().loss()));
    assertThat(summary.after().world() != null).isEqualTo(kind.equals("expert"));
    try (Policy taught = Policy.load(whole.resolve(SftRun.CHECKPOINT), 8, Tiny.EXECUTION)) {
      assertThat(taught.decoder().weightsSha256()).isEqualTo(summary.weightsSha256());
    }
    assertThat(Files.exists(whole.resolve(SftRun.CHECKPOINT).resolve(RunFiles.ADAPTER)))
        .isEqualTo(kind.equals("adapter"));

    Path killed = folder.resolve("killed");
    for (KillingMonitor monitor :
        List.of(
            new KillingMonitor(KillingMonitor.When.UNDER_WAY, "warm start", 3),
            new KillingMonitor(KillingMonitor.When.NOTED, "warm start: after pass 2", 1))) {
      assertThatThrownBy(() -> run(killed, monitor, EVERY_STEP, kind(kind)))
          .isInstanceOf(KillingMonitor.Killed.class);
    }
    SilentMonitor resumed = new SilentMonitor();
    run(killed, resumed, EVERY_STEP, kind(kind));
    assertThat(resumed.notes).anyMatch(note -> note.contains("saved up to step"));
    assertThat(outcome(killed)).isEqualTo(outcome(whole));
    assertThat(killed.resolve("warm-start")).doesNotExist();
  }

  private static Map<String, String> outcome(Path run) throws IOException {
    Map<String, String> files = RunOutcome.of(run);
    assertThat(files.remove("sft.json")).isNotNull();
    return files;
  }

  @Test
  void goesOnOnlyWithTheConversationsThatItBeganWith() throws IOException {
    Path out = folder.resolve("out");
    assertThatThrownBy(
            () ->
                run(
                    out,
                    new KillingMonitor(KillingMonitor.When.UNDER_WAY, "warm start", 2),
                    EVERY_STEP,
                    kind("checkpoint")))
        .isInstanceOf(KillingMonitor.Killed.class);
    Files.writeString(chats, Files.readString(chats).replace("the desk is open", "open"));
    assertThatThrownBy(() -> run(out, new SilentMonitor(), EVERY_STEP, kind("checkpoint")))
        .isInstanceOf(DamagedStateException.class)
        .hasMessageContaining("chats.jsonl has changed since the warm start in ")
        .hasMessageContaining("put back the file that it was, or delete that folder");
  }

  @Test
  void teachesAPublishedCheckpointThroughItsTemplate() throws IOException {
    SftRun.Summary summary =
        run(
            folder.resolve("out"),
            new SilentMonitor(),
            WarmStartSaves.Pace.DEFAULT,
            "model.checkpoint=" + Fixtures.checkpoint("qwen3-tied"),
            "warm_start.learning_rate=0.003",
            "warm_start.chats.file=" + chats);
    assertThat(summary.after().loss()).isLessThan(0.7 * summary.before().loss());
    assertThat(folder.resolve("out/checkpoint/chat_template.jinja")).exists();
  }

  /** A run's own warm start is the same code: of a checkpoint, where there are conversations. */
  @ParameterizedTest
  @ValueSource(strings = {"checkpoint", "adapter"})
  void trainTeachesACheckpointTheSame(String kind) throws IOException {
    SftRun.Summary alone =
        run(folder.resolve("alone"), new SilentMonitor(), WarmStartSaves.Pace.DEFAULT, kind(kind));
    List<String> sets =
        Stream.concat(
                Stream.of(
                    "warm_start={batch: 8, passes: 2, optimiser: adamw, learning_rate: 0.01}",
                    "rounds=0",
                    "mode=static",
                    "evaluation={sealed_episodes: 2, curve_episodes: 2}",
                    "harness={processors: [{type: system_prompt}, {type: house_view}]}"),
                Arrays.stream(kind(kind)))
            .toList();
    SilentMonitor monitor = new SilentMonitor();
    try (Recipe recipe = Recipe.ofDefaults(sets);
        TrainingRun run =
            new TrainingRun(
                recipe.config(), recipe.doors(), folder.resolve("run"), Tiny.EXECUTION, monitor)) {
      assertThat(run.execute().weightsSha256()).isEqualTo(alone.weightsSha256());
    }
    assertThat(monitor.notes)
        .anyMatch(note -> note.contains("40 conversations, 4 of them held out"));
  }
}
