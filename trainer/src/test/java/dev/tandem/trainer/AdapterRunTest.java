package dev.tandem.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.trainer.export.CheckpointExport;
import dev.tandem.trainer.export.ExportOptions;
import dev.tandem.trainer.grpo.GrpoSettings;
import dev.tandem.trainer.grpo.ReferencePull;
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
    assertThat(Files.mismatch(weights(straight, 0), weights(straight, ROUNDS))).isNotNegative();
    RunSummary resumed = run(precision, killed, new SilentMonitor());
    assertThat(resumed.weightsSha256()).isEqualTo(expected.weightsSha256());
    for (String file :
        List.of(
            "model.safetensors",
            "optimiser.safetensors",
            "adapter/adapter_model.safetensors",
            "adapter/adapter_config.json")) {
      Path name = Path.of("checkpoints", RunFolder.checkpointName(ROUNDS), file);
      assertThat(killed.resolve(name)).hasSameBinaryContentAs(straight.resolve(name));
    }
  }

  private static Path weights(Path run, int round) {
    return new RunFolder(run).checkpoint(round).resolve("model.safetensors");
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
