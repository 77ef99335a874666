package dev.tandem.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.trainer.checkpoint.HfCheckpoint;
import dev.tandem.trainer.export.CheckpointExport;
import dev.tandem.trainer.export.ExportOptions;
import dev.tandem.trainer.grpo.GrpoSettings;
import dev.tandem.trainer.grpo.ReferencePull;
import dev.tandem.trainer.io.DamagedStateException;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.file.WeightFormat;
import dev.tandem.trainer.model.shape.Projection;
import dev.tandem.trainer.model.torch.Precision;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.LoraRecipe;
import dev.tandem.trainer.recipe.Mode;
import dev.tandem.trainer.recipe.ModelSettings;
import dev.tandem.trainer.recipe.OptimiserSettings;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.run.Monitor;
import dev.tandem.trainer.run.RunFolder;
import dev.tandem.trainer.run.RunSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole runs that train an adapter: they checkpoint, resume and export like any other. */
final class AdapterRunTest {
  private static final int ROUNDS = 2;

  @TempDir private Path folder;

  /**
   * An agent this small may fail every task, and at the reference policy most penalties have no
   * slope; the first estimator of the divergence always has one.
   */
  private static RunConfig config(Precision precision) {
    RunConfig tiny = TinyRun.config(Mode.MODEL, 3);
    return new RunConfig(
        tiny.mode(),
        tiny.seed(),
        ROUNDS,
        "house",
        new ModelSettings(
            "",
            1,
            32,
            2,
            1,
            16,
            64,
            256,
            6,
            precision,
            new LoraRecipe(4, 8, List.of(Projection.Q_PROJ, Projection.DOWN_PROJ))),
        tiny.warmStart(),
        tiny.harness(),
        tiny.rollout(),
        GrpoSettings.DEFAULTS.withKl(new ReferencePull(ReferencePull.Estimator.K1, 0.1)),
        new OptimiserSettings(
            1e-2,
            0.1,
            0.9,
            0.95,
            1,
            2,
            1,
            1,
            OptimiserSettings.Schedule.COSINE,
            /* microbatchTokens= */ 2000,
            /* recomputeLayers= */ true,
            /* packing= */ true),
        tiny.aegis(),
        tiny.evaluation());
  }

  private static RunSummary run(Precision precision, Path path, Monitor monitor)
      throws IOException {
    return new TrainingRun(config(precision), path, Tiny.EXECUTION, monitor).execute();
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "BFLOAT16"})
  void aKilledRunEndsAsIfItHadNotBeenKilled(Precision precision) throws IOException {
    Path straight = folder.resolve("straight");
    Path killed = folder.resolve("killed");
    RunSummary expected = run(precision, straight, new SilentMonitor());
    assertThatThrownBy(
            () ->
                run(
                    precision,
                    killed,
                    new KillingMonitor(KillingMonitor.When.UNDER_WAY, "round 2 training", 1)))
        .isInstanceOf(KillingMonitor.Killed.class);
    assertThat(Files.mismatch(adapter(straight, 0), adapter(straight, ROUNDS))).isNotNegative();
    RunSummary resumed = run(precision, killed, new SilentMonitor());
    assertThat(resumed.weightsSha256()).isEqualTo(expected.weightsSha256());
    for (String file :
        List.of(
            "tandem-checkpoint.json",
            "optimiser.safetensors",
            "adapter/adapter_model.safetensors",
            "adapter/adapter_config.json")) {
      Path name = Path.of("checkpoints", RunFolder.checkpointName(ROUNDS), file);
      assertThat(killed.resolve(name)).hasSameBinaryContentAs(straight.resolve(name));
    }
  }

  private static Path adapter(Path run, int round) {
    return new RunFolder(run).checkpoint(round).resolve("adapter/adapter_model.safetensors");
  }

  @Test
  void aCheckpointHoldsTheAdapterAndItsMomentsAndNoModel() throws IOException {
    Path run = folder.resolve("run");
    run(Precision.FLOAT32, run, new SilentMonitor());
    Path last = new RunFolder(run).checkpoint(ROUNDS);
    try (Stream<Path> files = Files.list(last)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "adapter",
              "optimiser.safetensors",
              "run",
              "run-state.json",
              "tandem-checkpoint.json",
              "tandem-manifest.json");
    }
    assertThat(Files.size(last.resolve("optimiser.safetensors")))
        .isBetween(Files.size(adapter(run, ROUNDS)), 3 * Files.size(adapter(run, ROUNDS)));
  }

  /** A model from elsewhere is not copied, not even into the first checkpoint. */
  @Test
  void theBaseIsReferredToAndRefusedWhenItChanged() throws IOException {
    Path base = folder.resolve("base");
    try (Policy policy = Tiny.policy(5)) {
      policy.save(base);
    }
    Path run = folder.resolve("run");
    RunSummary summary =
        new TrainingRun(on(base.toString(), ROUNDS), run, Tiny.EXECUTION, new SilentMonitor())
            .execute();
    RunFolder saved = new RunFolder(run);
    assertThat(saved.checkpoint(0).resolve("model.safetensors")).doesNotExist();

    // Read as any checkpoint is, and as a base of another adapter.
    HfCheckpoint last = HfCheckpoint.open(saved.checkpoint(ROUNDS));
    assertThat(last.weightsSha256()).isEqualTo(summary.weightsSha256());
    Path second = folder.resolve("second");
    new TrainingRun(
            on(saved.checkpoint(ROUNDS).toString(), 1), second, Tiny.EXECUTION, new SilentMonitor())
        .execute();
    Path merged = folder.resolve("merged");
    HfCheckpoint.open(saved.checkpoint(ROUNDS)).convert(merged, WeightFormat.SINGLE);
    Path third = folder.resolve("third");
    new TrainingRun(on(merged.toString(), 1), third, Tiny.EXECUTION, new SilentMonitor()).execute();
    assertThat(adapter(second, 1)).hasSameBinaryContentAs(adapter(third, 1));

    Path weights = base.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);
    assertThatThrownBy(
            () ->
                new TrainingRun(
                        on(base.toString(), ROUNDS), run, Tiny.EXECUTION, new SilentMonitor())
                    .execute())
        .isInstanceOf(DamagedStateException.class)
        .hasMessageStartingWith(
            "%s has another content than was written: put back what the adapter in %s was trained on"
                .formatted(weights, saved.checkpoint(ROUNDS)));
    assertThatThrownBy(() -> HfCheckpoint.open(second.resolve("checkpoints/round-0001")))
        .isInstanceOf(DamagedStateException.class)
        .hasMessageContaining(weights.toString());
  }

  /** What conversations taught a checkpoint is below the rounds' adapter, after a kill too. */
  @Test
  void aWarmStartFromElsewhereIsNotLostByAKill() throws IOException {
    Path base = folder.resolve("base");
    try (Policy policy = Tiny.policy(5)) {
      policy.save(base);
    }
    Path chats =
        Files.writeString(
            folder.resolve("chats.jsonl"),
            """
            {"messages": [{"role": "user", "content": "look"}, {"role": "assistant", "content": "open the bed"}]}
            {"messages": [{"role": "user", "content": "look"}, {"role": "assistant", "content": "open the desk"}]}
            """);
    RunConfig taught =
        TinyRun.with(
            "mode=model",
            "rounds=" + ROUNDS,
            "model.checkpoint=" + base,
            "model.lora={rank: 4, alpha: 8, targets: [q_proj, down_proj]}",
            "warm_start={batch: 1, passes: 4, optimiser: adamw, learning_rate: 0.05, held_out:"
                + " 0.5}",
            "warm_start.chats.file=" + chats);
    Path straight = folder.resolve("straight");
    Path killed = folder.resolve("killed");
    TinyRun.run(straight, taught, new SilentMonitor());
    assertThatThrownBy(() -> TinyRun.run(killed, taught, KillingMonitor.under("round 2 training")))
        .isInstanceOf(KillingMonitor.Killed.class);
    TinyRun.run(killed, taught, new SilentMonitor());
    assertThat(RunOutcome.of(killed)).isEqualTo(RunOutcome.of(straight));
    assertThat(HfCheckpoint.open(new RunFolder(straight).checkpoint(0)).weightsSha256())
        .isNotEqualTo(HfCheckpoint.open(base).weightsSha256());
  }

  private static RunConfig on(String base, int rounds) {
    RunConfig config = config(Precision.FLOAT32);
    return new RunConfig(
        config.mode(),
        config.seed(),
        rounds,
        "house",
        new ModelSettings(
            base, 1, 32, 2, 1, 16, 64, 256, 6, Precision.FLOAT32, config.model().lora()),
        config.warmStart(),
        config.harness(),
        config.rollout(),
        config.grpo(),
        config.optimiser(),
        config.aegis(),
        config.evaluation());
  }

  @Test
  void exportsTheAdapterMergedAndByItself() throws IOException {
    Path run = folder.resolve("run");
    run(Precision.FLOAT32, run, new SilentMonitor());
    Files.writeString(run.resolve(RunFiles.CONFIG), "mode: model\nseed: 3\n");
    export(run, ExportOptions.Content.MERGED, "exported");
    export(run, ExportOptions.Content.ADAPTER, "alone");
    RunFolder saved = new RunFolder(run);
    assertThat(folder.resolve("alone").resolve("model.safetensors")).doesNotExist();
    int[] ids = {5, 6, 7, 8, 9, 10, 11};
    try (Policy exported = Policy.load(folder.resolve("exported"), 6, Tiny.EXECUTION);
        Policy base = Policy.load(saved.checkpoint(0), 6, Tiny.EXECUTION);
        Decoder adapted = base.decoder().withAdapter(folder.resolve("alone"))) {
      float[] merged = exported.decoder().score(List.of(ids))[0];
      assertThat(adapted.score(List.of(ids))[0]).containsExactly(merged, within(1e-5f));
      assertThat(base.decoder().score(List.of(ids))[0]).isNotEqualTo(merged);
    }
  }

  private void export(Path run, ExportOptions.Content content, String to) throws IOException {
    CheckpointExport.write(
        run, folder.resolve(to), new ExportOptions(content, WeightFormat.SINGLE, "test"));
  }
}
