package dev.tandem.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.value.ContentHash;
import dev.tandem.trainer.Tiny;
import dev.tandem.trainer.io.Manifest;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.learning.GrpoTrainer;
import dev.tandem.trainer.model.file.ElementType;
import dev.tandem.trainer.model.file.SafetensorsWriter;
import dev.tandem.trainer.model.file.WeightFormat;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import dev.tandem.trainer.run.RoundMetrics;
import dev.tandem.trainer.run.RunFolder;
import dev.tandem.trainer.run.RunState;
import dev.tandem.trainer.run.SuccessRate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CheckpointExportTest {
  private static final ExportOptions WHOLE =
      new ExportOptions(
          ExportOptions.Content.MERGED,
          new WeightFormat(ElementType.F32, WeightFormat.DEFAULT_SHARD_BYTES),
          "9.9");
  private static final ExportOptions ADAPTER =
      new ExportOptions(ExportOptions.Content.ADAPTER, WHOLE.format(), "9.9");

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
            RoundMetrics.start(harness.hash(Tiny.REGISTRY), rate),
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
    CheckpointExport.write(run, target, WHOLE);
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
    CheckpointExport.write(run, target, WHOLE);
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
    CheckpointExport.write(run, target, WHOLE);
    HarnessConfig harness =
        HarnessConfig.parse(
            Files.readString(target.resolve("harness.yaml")), "harness.yaml", Tiny.REGISTRY);
    assertThat(harness.hash(Tiny.REGISTRY)).isEqualTo(Tiny.harness().hash(Tiny.REGISTRY));
    assertThat(target.resolve("README.md"))
        .content()
        .startsWith("---\nlibrary_name: transformers\n")
        .contains("# run", "`house`", "| seed | 1 |", "coevolve", harness.hash(Tiny.REGISTRY))
        .contains("Trained with Tandem 9.9", "complete, as float32")
        .contains("| sealed success before | 25.0% [7.0, 59.0] of 8 |")
        .contains("none: trained from scratch", policy.decoder().weightsSha256());
  }

  @Test
  void namesTheDataByTheHashOfTheCompleteRoundsTraces() throws IOException {
    Path traces = Files.createDirectory(run.resolve("traces"));
    Files.writeString(traces.resolve("round-0000-train-001.traces"), "abc");
    Files.writeString(
        traces.resolve("round-0001-train-001.traces"), "of a round that is not complete");
    Files.writeString(traces.resolve("round-0000-gate-001.traces"), "nothing is learnt from it");
    saveARound();
    CheckpointExport.write(run, folder.resolve("model"), WHOLE);
    String abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assertThat(folder.resolve("model/README.md"))
        .content()
        .contains("`" + ContentHash.sha256(abc + "\n") + "`");
  }

  @Test
  void writesTheSameBytesAgain() throws IOException {
    saveARound();
    CheckpointExport.write(run, folder.resolve("first"), WHOLE);
    CheckpointExport.write(run, folder.resolve("second"), WHOLE);
    for (String name : names(folder.resolve("first"))) {
      assertThat(folder.resolve("second").resolve(name))
          .hasSameBinaryContentAs(folder.resolve("first").resolve(name));
    }
  }

  @Test
  void writesHalfTheBytesInShardsAndSaysSo() throws IOException {
    saveARound();
    Path target = folder.resolve("model");
    WeightFormat format = new WeightFormat(ElementType.BF16, 20_000);
    CheckpointExport.write(
        run, target, new ExportOptions(ExportOptions.Content.MERGED, format, "9.9"));
    assertThat(names(target))
        .contains("model.safetensors.index.json", "model-00001-of-00002.safetensors")
        .doesNotContain("model.safetensors");
    JsonNode config = new ObjectMapper().readTree(target.resolve("config.json").toFile());
    assertThat(config.path("dtype").asText()).isEqualTo("bfloat16");
    assertThat(config.path("torch_dtype").asText()).isEqualTo("bfloat16");
    try (Policy loaded = Policy.load(target, 10, Tiny.EXECUTION)) {
      float[][] rounded = scores(loaded);
      float[][] exact = scores(policy);
      assertThat(rounded[0]).isNotEqualTo(exact[0]);
      assertThat(rounded[0]).usingComparatorWithPrecision(0.05f).containsExactly(exact[0]);
    }
  }

  /** An adapter as PEFT writes it, on the first block's query projection. */
  private void addAnAdapter() throws IOException {
    Path adapter = Files.createDirectory(adapterFolder());
    ModelSpec spec = policy.decoder().spec();
    int width = spec.attentionHeads() * spec.headDimension();
    float[] a = new float[spec.hiddenSize()];
    float[] b = new float[width];
    Arrays.fill(a, 0.5f);
    Arrays.fill(b, 0.25f);
    String prefix = "base_model.model.model.layers.0.self_attn.q_proj.lora_";
    SafetensorsWriter.write(
        adapter.resolve("adapter_model.safetensors"),
        Map.of(
            prefix + "A.weight",
            new SafetensorsWriter.Tensor(new long[] {1, spec.hiddenSize()}, a),
            prefix + "B.weight",
            new SafetensorsWriter.Tensor(new long[] {width, 1}, b)),
        Map.of("format", "pt"));
    Files.writeString(
        adapter.resolve("adapter_config.json"),
        "{\"peft_type\": \"LORA\", \"r\": 1, \"lora_alpha\": 8, \"base_model_name_or_path\":"
            + " \"\"}");
    Manifest.seal(new RunFolder(run).checkpoint(0));
  }

  private Path adapterFolder() {
    return new RunFolder(run).checkpoint(0).resolve(RunFiles.ADAPTER);
  }

  @Test
  void writesAnAdapterThatNamesItsBase() throws IOException {
    saveARound();
    addAnAdapter();
    Files.writeString(
        run.resolve("config.yaml"), "model: {checkpoint: models/base}\nenvironment: house\n");
    Path target = folder.resolve("adapter");
    CheckpointExport.write(run, target, ADAPTER);
    assertThat(names(target))
        .containsExactly(
            "README.md",
            "adapter_config.json",
            "adapter_model.safetensors",
            "harness.yaml",
            "tokenizer.json",
            "tokenizer_config.json");
    assertThat(target.resolve("adapter_model.safetensors"))
        .hasSameBinaryContentAs(adapterFolder().resolve("adapter_model.safetensors"));
    JsonNode config = new ObjectMapper().readTree(target.resolve("adapter_config.json").toFile());
    assertThat(config.path("base_model_name_or_path").asText()).isEqualTo("models/base");
    assertThat(config.path("r").asInt()).isEqualTo(1);
    assertThat(target.resolve("README.md"))
        .content()
        .contains("library_name: peft", "base_model: models/base", "LoRA adapter");
  }

  @Test
  void refusesToExportAnAdapterWhereThereIsNone() throws IOException {
    saveARound();
    assertThatThrownBy(() -> CheckpointExport.write(run, folder.resolve("model"), ADAPTER))
        .isInstanceOfSatisfying(
            ExportException.class, refused -> assertThat(refused.isUsersChoice()).isTrue())
        .hasMessageContaining("holds no adapter: the run trained all weights; leave --lora off");
    assertThat(names(folder)).containsExactly("run");
  }

  @Test
  void refusesAFolderThatHoldsSomething() throws IOException {
    saveARound();
    Path target = Files.createDirectory(folder.resolve("model"));
    Files.writeString(target.resolve("notes.txt"), "mine");
    assertThatThrownBy(() -> CheckpointExport.write(run, target, WHOLE))
        .isInstanceOfSatisfying(
            ExportException.class, refused -> assertThat(refused.isUsersChoice()).isTrue())
        .hasMessage(target + " holds something already: name a folder that does not exist", WHOLE);
    assertThat(names(target)).containsExactly("notes.txt");
    assertThat(target.resolve("notes.txt")).hasContent("mine");
    Path file = Files.writeString(folder.resolve("file"), "mine");
    assertThatThrownBy(() -> CheckpointExport.write(run, file, WHOLE))
        .isInstanceOf(ExportException.class);
    assertThat(file).hasContent("mine");
  }

  @Test
  void refusesAFolderThatHoldsNothingButARunsBookkeeping() throws IOException {
    saveARound();
    Path target = Files.createDirectory(folder.resolve("model"));
    Files.writeString(target.resolve(RunFolder.STATE), "{}");
    assertThatThrownBy(() -> CheckpointExport.write(run, target, WHOLE))
        .isInstanceOf(ExportException.class);
    assertThat(target.resolve(RunFolder.STATE)).hasContent("{}");
  }

  @Test
  void refusesARunWithoutACheckpoint() {
    assertThatThrownBy(() -> CheckpointExport.write(run, folder.resolve("model"), WHOLE))
        .isInstanceOf(ExportException.class)
        .hasMessage(run + " has no checkpoint yet: let its warm start finish, then export", WHOLE);
    assertThat(folder.resolve("model")).doesNotExist();
  }
}
