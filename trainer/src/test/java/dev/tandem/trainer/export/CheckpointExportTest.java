package dev.tandem.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.HarnessConfig;
import dev.tandem.harness.Message;
import dev.tandem.trainer.Tiny;
import dev.tandem.trainer.config.ConfigLoader;
import dev.tandem.trainer.evaluation.SuccessRate;
import dev.tandem.trainer.learning.GrpoTrainer;
import dev.tandem.trainer.model.Optimiser;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.run.RoundMetrics;
import dev.tandem.trainer.run.RunConfig;
import dev.tandem.trainer.run.RunFolder;
import dev.tandem.trainer.run.RunState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CheckpointExportTest {
  private final Policy policy = Tiny.policy(4);
  @TempDir private Path folder;
  private Path run = Path.of("");

  @BeforeEach
  void keepARun() throws IOException {
    run = Files.createDirectory(folder.resolve("run"));
    Files.writeString(run.resolve("config.yaml"), ConfigLoader.effective(RunConfig.DEFAULTS));
  }

  @AfterEach
  void free() {
    policy.close();
  }

  private void saveARound() throws IOException {
    SuccessRate rate = new SuccessRate(0.25, 8, 0.07, 0.59, new TreeMap<>());
    HarnessConfig harness = Tiny.harness();
    new RunFolder(run)
        .save(
            RunState.initial(harness, rate),
            RoundMetrics.start(harness.hash(), rate),
            directory -> {
              policy.save(directory);
              try (Optimiser optimiser = Tiny.optimiser(policy)) {
                optimiser.save(directory.resolve(GrpoTrainer.OPTIMISER_FILE));
              }
            });
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private float[][] scores(Policy agent) {
    return agent
        .decoder()
        .score(
            List.of(
                agent.format().prompt(List.of(Message.user("you are in a room ."))),
                agent.format().response("go to shelf 1")));
  }

  @Test
  void writesAModelThatLoadsAgainWithTheSameLogProbabilities() throws IOException {
    saveARound();
    Path target = folder.resolve("out/model");
    CheckpointExport.write(run, target);
    try (Policy loaded = Policy.load(target, 10, Tiny.EXECUTION)) {
      assertThat(loaded.decoder().weightsSha256()).isEqualTo(policy.decoder().weightsSha256());
      assertThat(scores(loaded)).isDeepEqualTo(scores(policy));
    }
  }

  @Test
  void leavesTheRunsOwnBookkeepingBehind() throws IOException {
    saveARound();
    assertThat(names(new RunFolder(run).checkpoint(0)))
        .contains(RunFolder.STATE, GrpoTrainer.OPTIMISER_FILE);
    Path target = folder.resolve("model");
    CheckpointExport.write(run, target);
    assertThat(names(target))
        .containsExactly(
            "README.md",
            "config.json",
            "generation_config.json",
            "harness.yaml",
            "model.safetensors",
            "tokenizer.json",
            "tokenizer_config.json");
    assertThat(names(folder)).containsExactly("model", "run");
  }

  @Test
  void addsTheHarnessAndAModelCard() throws IOException {
    saveARound();
    Path target = Files.createDirectory(folder.resolve("model"));
    CheckpointExport.write(run, target);
    HarnessConfig harness =
        HarnessConfig.parse(Files.readString(target.resolve("harness.yaml")), "harness.yaml");
    assertThat(harness.hash()).isEqualTo(Tiny.harness().hash());
    assertThat(target.resolve("README.md"))
        .content()
        .startsWith("---\nlibrary_name: transformers\n")
        .contains("# run", "`house`", "| seed | 1 |", "coevolve", "25.0%", harness.hash());
  }

  @Test
  void refusesAFolderThatHoldsSomething() throws IOException {
    saveARound();
    Path target = Files.createDirectory(folder.resolve("model"));
    Files.writeString(target.resolve("notes.txt"), "mine");
    assertThatThrownBy(() -> CheckpointExport.write(run, target))
        .isInstanceOf(ExportException.class)
        .hasMessage(target + " holds something already: name a folder that does not exist");
    assertThat(names(target)).containsExactly("notes.txt");
    assertThat(target.resolve("notes.txt")).hasContent("mine");
    Path file = Files.writeString(folder.resolve("file"), "mine");
    assertThatThrownBy(() -> CheckpointExport.write(run, file)).isInstanceOf(ExportException.class);
    assertThat(file).hasContent("mine");
  }

  @Test
  void refusesAFolderThatHoldsNothingButARunsBookkeeping() throws IOException {
    saveARound();
    Path target = Files.createDirectory(folder.resolve("model"));
    Files.writeString(target.resolve(RunFolder.STATE), "{}");
    assertThatThrownBy(() -> CheckpointExport.write(run, target))
        .isInstanceOf(ExportException.class);
    assertThat(target.resolve(RunFolder.STATE)).hasContent("{}");
  }

  @Test
  void refusesARunWithoutACheckpoint() {
    assertThatThrownBy(() -> CheckpointExport.write(run, folder.resolve("model")))
        .isInstanceOf(ExportException.class)
        .hasMessage(run + " has no checkpoint yet: let its warm start finish, then export");
    assertThat(folder.resolve("model")).doesNotExist();
  }
}
