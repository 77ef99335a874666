package dev.tandem.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.harness.model.ModelRole;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.store.TraceStore;
import dev.tandem.trainer.equipment.EquipmentException;
import dev.tandem.trainer.export.CheckpointExport;
import dev.tandem.trainer.export.ExportOptions;
import dev.tandem.trainer.model.file.ElementType;
import dev.tandem.trainer.model.file.WeightFormat;
import dev.tandem.trainer.plugin.Recipe;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import dev.tandem.trainer.run.Monitor;
import dev.tandem.trainer.run.RunSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs of the smallest size whose recipes bring things along. */
final class EquippedRunTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String SMALL =
      """
      mode: static
      rounds: 1
      model: {layers: 1, width: 32, heads: 2, key_value_heads: 1, head_dim: 16, mlp_width: 64,
        context_length: 256, response_tokens: 6}
      warm_start: {episodes: 30, passes: 1, batch: 64}
      rollout: {tasks_per_round: 2, episodes_per_task: 2, train_tasks: 8}
      evaluation: {sealed_episodes: 4, curve_episodes: 4}
      """;

  private static final String HARNESS =
      """
      harness:
        processors:
          - type: system_prompt
          - type: house_view
          - {type: history_window, turns: 1}
      """;

  @TempDir private Path folder;

  private RunSummary run(String name, String... parts) throws IOException {
    return run(name, new SilentMonitor(), parts);
  }

  private RunSummary run(String name, Monitor monitor, String... parts) throws IOException {
    Path file = Files.writeString(folder.resolve(name + ".yaml"), SMALL + String.join("", parts));
    Path run = Files.createDirectories(folder.resolve(name));
    try (Recipe recipe = Recipe.load(file, List.of())) {
      Files.writeString(run.resolve("config.yaml"), ConfigLoader.effective(recipe.config()));
      try (TrainingRun training =
          new TrainingRun(recipe.config(), recipe.doors(), run, Tiny.EXECUTION, monitor)) {
        return training.execute();
      }
    }
  }

  private List<Trajectory> episodes(String name) {
    try (TraceStore store = TraceStore.openExisting(folder.resolve(name))) {
      return store.read(1);
    }
  }

  private String warded(String version) {
    return """
    tools: {mcp: {ward: {command: %s, environment: {CALLS: "%s", WARD_VERSION: "%s"}}}}
    services: {completion_check: ward__inspect}
    %s    - {type: verifier_bridge, finish: ["*"], attempts: 1}
      slots: {tools: []}
    """
        .formatted(
            TestMcpServer.command().stream().map("'%s'"::formatted).toList(),
            folder.resolve("calls"),
            version,
            HARNESS);
  }

  @Test
  void aToolOfAServerProcessIsAskedInEveryEpisodeAndTheServerEndsWithTheRun() throws IOException {
    RunSummary first = run("warded", warded("1"));
    List<Trajectory> episodes = episodes("warded");
    assertThat(episodes).hasSize(4);
    assertThat(episodes)
        .allSatisfy(
            one ->
                assertThat(one.episode().triggers())
                    .extracting(trigger -> trigger.processor())
                    .contains("verifier_bridge"));
    // At least once in each train episode and in each of the evaluations before and after.
    assertThat(Files.readAllLines(folder.resolve("calls")))
        .hasSizeGreaterThanOrEqualTo(4 + 4 + 4)
        .containsOnly("inspect");
    assertThat(TestMcpServer.running()).isZero();
    assertThat(run("another", warded("2")).harnessSha256())
        .as("a server of another version is another harness")
        .isNotEqualTo(first.harnessSha256());
  }

  @Test
  void aServerThatCannotBeStartedIsRefusedWithItsKey() {
    assertThatThrownBy(
            () -> run("absent", "tools: {mcp: {ward: {command: [no-such-program]}}}\n", HARNESS))
        .isInstanceOf(EquipmentException.class)
        .hasMessageStartingWith(
            "tools.mcp.ward: MCP server 'ward' did not start (there is no program 'no-such-program'"
                + " on the PATH)")
        .hasMessageContaining("check its command [no-such-program]");
  }

  @Test
  void toolsThatAFreshModelCannotSpeakOfAreRefusedBeforeItIsMade() {
    assertThatThrownBy(() -> run("speechless", "tools: {files: true}\n", HARNESS))
        .isInstanceOf(EquipmentException.class)
        .hasMessage(
            "harness: a fresh model cannot use tools such as 'list_files': name a checkpoint whose"
                + " chat template speaks of tools, or leave them to others with slots: {tools:"
                + " []}");
    assertThat(folder.resolve("speechless/metrics.jsonl")).doesNotExist();
  }

  private static String judgedBy(Path checkpoint) {
    return """
    models:
      judge: {providers: [{provider: decoder, checkpoint: "%s", temperature: 0, response_tokens: 3}]}
    %s    - {type: model_judge, when: every, objections: 1}
    """
        .formatted(checkpoint, HARNESS);
  }

  private Path judge(long seed) throws IOException {
    Path checkpoint = Files.createDirectories(folder.resolve("judge"));
    try (Policy policy = Tiny.policy(seed)) {
      policy.save(checkpoint);
    }
    return checkpoint;
  }

  @Test
  void aSecondCheckpointJudgesAndIsKnownByItsWeights() throws IOException {
    RunSummary first = run("judged", judgedBy(judge(5)));
    assertThat(episodes("judged"))
        .allSatisfy(
            one ->
                assertThat(one.episode().spending())
                    .hasEntrySatisfying(
                        ModelRole.JUDGE,
                        spent ->
                            assertThat(spent.usage().responseTokens())
                                .isBetween(1L, 3L * one.episode().turns().size())));
    assertThat(first.shipped()).isZero();
    RunSummary other = run("otherwise", judgedBy(judge(6)));
    assertThat(other.harnessSha256())
        .as("other weights in the same folder are another judge")
        .isNotEqualTo(first.harnessSha256());
    assertThat(run("again", judgedBy(judge(5))).harnessSha256()).isEqualTo(first.harnessSha256());
  }

  @Test
  void aJudgeThatCannotBeLoadedIsRefusedWithItsKey() {
    assertThatThrownBy(() -> run("unjudged", judgedBy(folder.resolve("nowhere"))))
        .isInstanceOf(EquipmentException.class)
        .hasMessageStartingWith("models.judge: ")
        .hasMessageContaining(folder.resolve("nowhere").toString());
  }

  @Test
  void theCardOfAnUnfinishedRunNamesTheHarnessAsItsServicesMakeIt() throws IOException {
    Files.writeString(folder.resolve("lessons.jsonl"), "");
    String recipe = "services: {memory: lessons.jsonl}\n" + HARNESS;
    assertThatThrownBy(
            () ->
                run("served", new KillingMonitor(KillingMonitor.When.BEGUN, "round 1", 1), recipe))
        .isInstanceOf(KillingMonitor.Killed.class);
    Path run = folder.resolve("served");
    String hash =
        JSON.readTree(Files.readAllLines(run.resolve("metrics.jsonl")).getFirst())
            .path("incumbent_hash")
            .asText();
    assertThat(run.resolve("summary.json")).doesNotExist();
    Path target = folder.resolve("exported");
    CheckpointExport.write(
        run,
        target,
        new ExportOptions(
            ExportOptions.Content.MERGED,
            new WeightFormat(ElementType.F32, WeightFormat.DEFAULT_SHARD_BYTES),
            "9.9"));
    assertThat(hash).isNotEqualTo(Tiny.harness().hash(Tiny.REGISTRY)).hasSize(64);
    assertThat(target.resolve("README.md")).content().contains("`%s`".formatted(hash));
    assertThat(run("served-to-the-end", recipe).harnessSha256()).isEqualTo(hash);
  }
}
