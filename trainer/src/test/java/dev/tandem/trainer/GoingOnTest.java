package dev.tandem.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.trainer.io.DamagedStateException;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import dev.tandem.trainer.run.Monitor;
import dev.tandem.trainer.warmstart.WarmStartSaves;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that go on from the warm start, and runs that grow: all end as if done in one go. */
final class GoingOnTest {
  /**
   * One round, or two; the curve is measured after each with as many episodes as the end is, so
   * that it does not show which round was thought to be the last.
   */
  private static final String RECIPE =
      """
      seed: 5
      rounds: 2
      model: {layers: 1, width: 32, heads: 2, key_value_heads: 1, head_dim: 16, mlp_width: 64,
        context_length: 256, response_tokens: 6}
      warm_start: {episodes: 20, passes: 2, batch: 64}
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
      evaluation: {sealed_episodes: 4, curve_episodes: 4, every: 1}
      """;

  private static final WarmStartSaves.Pace EVERY_STEP = new WarmStartSaves.Pace(Duration.ZERO, 0);

  @TempDir private static Path shared;
  private static Map<String, String> undisturbed = Map.of();

  @TempDir private Path folder;

  @BeforeAll
  static void runUndisturbed() throws IOException {
    Path run = shared.resolve("undisturbed");
    run(run, 1, new SilentMonitor(), WarmStartSaves.Pace.DEFAULT);
    undisturbed = RunOutcome.of(run);
  }

  private static void run(Path run, int rounds, Monitor monitor, WarmStartSaves.Pace pace)
      throws IOException {
    Path recipe = Files.writeString(shared.resolve("recipe.yaml"), RECIPE);
    RunConfig config =
        ConfigLoader.load(recipe, List.of("rounds=" + rounds), RunConfig.DEFAULTS, RunConfig.class);
    try (TrainingRun training =
        new TrainingRun(config, run, Tiny.EXECUTION, monitor).savingTheWarmStart(pace)) {
      training.execute();
    }
  }

  private void kill(KillingMonitor.When when, String what, int occasion) {
    assertThatThrownBy(() -> run(folder, 1, new KillingMonitor(when, what, occasion), EVERY_STEP))
        .isInstanceOf(KillingMonitor.Killed.class);
  }

  private SilentMonitor resume() throws IOException {
    SilentMonitor monitor = new SilentMonitor();
    run(folder, 1, monitor, EVERY_STEP);
    return monitor;
  }

  /** What a resumed run says before it is killed again, at its first step of the warm start. */
  private List<String> notesUntilTheNextStep() {
    List<String> notes = new ArrayList<>();
    KillingMonitor killing = new KillingMonitor(KillingMonitor.When.UNDER_WAY, "warm start", 1);
    Monitor noting =
        new Monitor() {
          @Override
          public Task begin(String what, long total, String unit) {
            return killing.begin(what, total, unit);
          }

          @Override
          public void note(String text) {
            notes.add(text);
          }
        };
    assertThatThrownBy(() -> run(folder, 1, noting, EVERY_STEP))
        .isInstanceOf(KillingMonitor.Killed.class);
    return notes;
  }

  @Test
  void goesOnInTheMiddleOfTheWarmStart() throws IOException {
    kill(KillingMonitor.When.UNDER_WAY, "warm start", 3);
    assertThat(resume().notes)
        .anyMatch(
            line -> line.startsWith("resuming: the warm start is saved up to step 3, in pass 1"));
    assertThat(RunOutcome.of(folder)).isEqualTo(undisturbed);
  }

  @Test
  void aCompleteWarmStartIsNotDoneAgain() throws IOException {
    kill(KillingMonitor.When.BEGUN, "sealed evaluation", 1);
    SilentMonitor resumed = resume();
    assertThat(resumed.notes).contains("resuming: the warm start is saved");
    assertThat(resumed.work).doesNotContain("warm start");
    assertThat(RunOutcome.of(folder)).isEqualTo(undisturbed);
  }

  @Test
  void whatAKillLeftOfASaveIsNoneOfIt() throws IOException {
    kill(KillingMonitor.When.UNDER_WAY, "warm start", 2);
    Path whole = folder.resolve("warm-start/step-00000002");
    for (String half : List.of(".step-00000003.tmp", "step-00000009")) {
      Path copy = Files.createDirectories(whole.resolveSibling(half));
      Files.copy(whole.resolve("progress.json"), copy.resolve("progress.json"));
    }
    assertThat(notesUntilTheNextStep()).anyMatch(line -> line.contains("up to step 2, in pass 1"));
    assertThat(folder.resolve("warm-start")).isDirectoryNotContaining("glob:**/*{2,3.tmp,9}");
  }

  @Test
  void aDamagedWarmStartIsRefusedUntilItIsRemoved() throws IOException {
    kill(KillingMonitor.When.UNDER_WAY, "warm start", 2);
    Path step = folder.resolve("warm-start/step-00000002");
    Path weights = step.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length / 2] ^= 1;
    Files.write(weights, bytes);
    assertThatThrownBy(this::resume)
        .isInstanceOf(DamagedStateException.class)
        .hasMessage(
            "%s has another content than was written: put back the file that was written, or delete the folder %s to go without it"
                .formatted(weights, step));
    try (Stream<Path> files = Files.list(step)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    assertThat(notesUntilTheNextStep()).noneMatch(line -> line.startsWith("resuming"));
  }

  @Test
  void aRunThatGrowsEndsAsOneThatWasLongFromTheStart() throws IOException {
    Path grown = folder.resolve("grown");
    copy(shared.resolve("undisturbed"), grown);
    assertThatThrownBy(
            () ->
                run(
                    grown,
                    2,
                    new KillingMonitor(KillingMonitor.When.BEGUN, "round 2 rollouts", 1),
                    EVERY_STEP))
        .isInstanceOf(KillingMonitor.Killed.class);
    for (String result : List.of("summary.json", "harness.yaml", "tandem-manifest.json")) {
      assertThat(grown.resolve(result))
          .as("kept until there is a newer one")
          .hasSameTextualContentAs(shared.resolve("undisturbed").resolve(result));
    }
    run(grown, 2, new SilentMonitor(), EVERY_STEP);
    run(folder.resolve("long"), 2, new SilentMonitor(), EVERY_STEP);
    assertThat(RunOutcome.of(grown)).isEqualTo(RunOutcome.of(folder.resolve("long")));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
  }
}
