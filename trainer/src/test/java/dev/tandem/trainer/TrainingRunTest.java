package dev.tandem.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.store.TraceQuery;
import dev.tandem.rollout.store.TraceRow;
import dev.tandem.rollout.store.TraceStore;
import dev.tandem.trainer.model.Fixtures;
import dev.tandem.trainer.recipe.Mode;
import dev.tandem.trainer.recipe.ModelSettings;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.run.Monitor;
import dev.tandem.trainer.run.RunFolder;
import dev.tandem.trainer.run.RunSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole runs of the smallest size, compared byte by byte. */
final class TrainingRunTest {
  private static final int ROUNDS = TinyRun.ROUNDS;
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private static Path runs;
  private static Map<String, String> undisturbed = Map.of();

  @TempDir private Path folder;

  @BeforeAll
  static void runUndisturbed() throws IOException {
    Path path = runs.resolve("undisturbed");
    SilentMonitor monitor = new SilentMonitor();
    run(Mode.COEVOLVE, 3, path, monitor);
    assertThat(monitor.work).contains("round 3 rollouts", "round 3 training", "sealed evaluation");
    undisturbed = RunOutcome.of(path);
  }

  private static RunSummary run(Mode mode, long seed, Path path, Monitor monitor)
      throws IOException {
    return new TrainingRun(TinyRun.config(mode, seed), path, Tiny.EXECUTION, monitor).execute();
  }

  private static void resume(Path path) throws IOException {
    run(Mode.COEVOLVE, 3, path, new SilentMonitor());
  }

  @Test
  void leavesEverythingThatAReaderNeeds() throws JsonProcessingException {
    assertThat(undisturbed.keySet())
        .contains(
            "harness.yaml",
            "ledger.jsonl",
            "metrics.jsonl",
            "summary.json",
            "traces/round-0001-train-001.traces",
            "traces/round-0002-train-001.traces",
            "traces/round-0003-train-001.traces",
            "traces/round-0000-evaluation-001.traces",
            "traces/round-0003-evaluation-001.traces",
            "tandem-manifest.json",
            "checkpoints/round-0003/tandem-manifest.json",
            "checkpoints/round-0000/model.safetensors",
            "checkpoints/round-0003/model.safetensors",
            "checkpoints/round-0003/optimiser.safetensors",
            "checkpoints/round-0003/run-state.json")
        .noneMatch(name -> name.endsWith(".tmp"));
    List<String> metrics = undisturbed.getOrDefault("metrics.jsonl", "").lines().toList();
    assertThat(metrics).hasSize(ROUNDS + 1);
    for (int round = 0; round <= ROUNDS; round++) {
      assertThat(JSON.readTree(metrics.get(round)).path("round").asInt()).isEqualTo(round);
    }
    assertThat(Ledger.verify(runs.resolve("undisturbed/ledger.jsonl")).passed()).isTrue();
    assertThat(Ledger.verify(runs.resolve("undisturbed/ledger.jsonl")).entries()).isNotEmpty();
  }

  @Test
  void storesEveryEpisodeOfEveryPhase() throws IOException {
    JsonNode summary = JSON.readTree(Files.readString(runs.resolve("undisturbed/summary.json")));
    try (TraceStore store = TraceStore.openExisting(runs.resolve("undisturbed"))) {
      List<TraceRow> train = store.find(TraceQuery.ALL.withPhase(Phase.TRAIN));
      List<TraceRow> gate = store.find(TraceQuery.ALL.withPhase(Phase.GATE));
      assertThat(gate).isNotEmpty();
      assertThat(train.size() + gate.size()).isEqualTo(summary.path("episodes").asInt());
      assertThat(store.find(TraceQuery.ALL.withPhase(Phase.EVALUATION)))
          .extracting(TraceRow::round)
          .containsOnly(0, 2, 3);
      assertThat(store.find(TraceQuery.ALL)).extracting(TraceRow::id).doesNotHaveDuplicates();
      assertThat(train).anyMatch(row -> !row.failures().isEmpty());
    }
  }

  @Test
  void keepsTheFirstCheckpointAndTheLastTwo() throws IOException {
    try (Stream<Path> checkpoints = Files.list(runs.resolve("undisturbed/checkpoints"))) {
      assertThat(checkpoints.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("round-0000", "round-0002", "round-0003");
    }
  }

  @Test
  void oneSeedIsOneRunToTheByte() throws IOException {
    run(Mode.COEVOLVE, 3, folder, new SilentMonitor());
    assertThat(RunOutcome.of(folder)).isEqualTo(undisturbed);
  }

  @ParameterizedTest
  @CsvSource({
    "BEGUN, sealed evaluation, 1",
    "UNDER_WAY, round 2 rollouts, 1",
    "UNDER_WAY, round 2 training, 1",
    "BEGUN, sealed evaluation, 2",
    "BEGUN, round 3 gate, 1"
  })
  void aKilledRunEndsAsIfItHadNotBeenKilled(KillingMonitor.When when, String what, int occasion)
      throws IOException {
    assertThatThrownBy(
            () -> run(Mode.COEVOLVE, 3, folder, new KillingMonitor(when, what, occasion)))
        .isInstanceOf(KillingMonitor.Killed.class);
    resume(folder);
    assertThat(RunOutcome.of(folder)).isEqualTo(undisturbed);
  }

  @Test
  void removesWhatAKilledProcessLeftHalfWritten() throws IOException {
    assertThatThrownBy(
            () ->
                run(
                    Mode.COEVOLVE,
                    3,
                    folder,
                    new KillingMonitor(KillingMonitor.When.NOTED, "round 2:", 1)))
        .isInstanceOf(KillingMonitor.Killed.class);
    append("metrics.jsonl", "{\"round\":3,\"harness_ver");
    append("ledger.jsonl", "{\"sequence\":99,\"round\":3,\"ki");
    Files.writeString(
        folder.resolve("traces/round-0003-train-001.traces"), "{\"id\":\"r0003-00000\"");
    Files.writeString(folder.resolve("traces/.round-0004-gate-001.traces.tmp"), "{\"id\"");
    Path draft = Files.createDirectory(folder.resolve("checkpoints/.round-0003.tmp"));
    Files.writeString(draft.resolve("model.safetensors"), "half");
    resume(folder);
    assertThat(RunOutcome.of(folder)).isEqualTo(undisturbed);
  }

  private void append(String file, String text) throws IOException {
    Files.writeString(folder.resolve(file), text, StandardOpenOption.APPEND);
  }

  @Test
  void resumingAFinishedRunChangesNothing() throws IOException {
    TinyRun.copy(runs.resolve("undisturbed"), folder.resolve("copy"));
    SilentMonitor monitor = new SilentMonitor();
    run(Mode.COEVOLVE, 3, folder.resolve("copy"), monitor);
    assertThat(monitor.notes).containsExactly("resuming after round 3");
    assertThat(monitor.work).isEmpty();
    assertThat(RunOutcome.of(folder.resolve("copy"))).isEqualTo(undisturbed);
  }

  @ParameterizedTest
  @EnumSource(value = Mode.class, mode = EnumSource.Mode.EXCLUDE, names = "COEVOLVE")
  void eachModeChangesWhatItSaysAndNothingElse(Mode mode) throws IOException {
    SilentMonitor monitor = new SilentMonitor();
    RunSummary summary = run(mode, 3, folder, monitor);
    assertThat(weightsMoved(folder)).isEqualTo(mode.trainsModel());
    assertThat(monitor.work.contains("round 1 training")).isEqualTo(mode.trainsModel());
    assertThat(Files.exists(folder.resolve("checkpoints/round-0003/optimiser.safetensors")))
        .isEqualTo(mode.trainsModel());
    assertThat(Ledger.verify(folder.resolve("ledger.jsonl")).entries().isEmpty())
        .isNotEqualTo(mode.evolvesHarness());
    if (!mode.evolvesHarness()) {
      assertThat(summary.harnessSha256()).isEqualTo(firstHarness(folder));
      assertThat(summary.shipped() + summary.rejected()).isZero();
      assertThat(summary.episodes()).isEqualTo(ROUNDS * 8L);
    }
    assertThat(summary.mode()).isEqualTo(mode.id());
    assertThat(summary.rounds()).isEqualTo(ROUNDS);
    assertThat(summary.start().sealed().episodes()).isEqualTo(3);
    assertThat(summary.end().sealed().episodes()).isEqualTo(3);
    assertThat(RunOutcome.of(folder).get("checkpoints/round-0000/model.safetensors"))
        .isEqualTo(undisturbed.get("checkpoints/round-0000/model.safetensors"));
  }

  /** Hash of the harness that a run began with. */
  private static String firstHarness(Path run) throws IOException {
    return JSON.readTree(Files.readAllLines(run.resolve("metrics.jsonl")).getFirst())
        .get("incumbent_hash")
        .textValue();
  }

  @Test
  void coevolutionTrainsTheModelAndDecidesAboutTheHarness() throws IOException {
    Path run = runs.resolve("undisturbed");
    assertThat(weightsMoved(run)).isTrue();
    assertThat(Files.readString(run.resolve("ledger.jsonl")))
        .contains("\"screened\"", "\"bundled\"");
  }

  private static boolean weightsMoved(Path run) throws IOException {
    return Files.mismatch(weights(run, 0), weights(run, ROUNDS)) >= 0;
  }

  private static Path weights(Path run, int round) {
    return new RunFolder(run).checkpoint(round).resolve("model.safetensors");
  }

  /** A random model of another family answers nonsense; the run must bear it, twice alike. */
  @Test
  void trainsAPublishedCheckpointThroughItsOwnTemplate() throws IOException {
    String checkpoint = Fixtures.checkpoint("qwen3-tied").toString();
    RunConfig tiny = TinyRun.config(Mode.MODEL, 5);
    RunConfig config =
        new RunConfig(
            tiny.mode(),
            tiny.seed(),
            1,
            "house",
            new ModelSettings(checkpoint, 1, 32, 2, 1, 16, 64, 256, 6),
            tiny.warmStart(),
            tiny.harness(),
            tiny.rollout(),
            tiny.grpo(),
            tiny.optimiser(),
            tiny.aegis(),
            tiny.evaluation());
    RunSummary first =
        new TrainingRun(config, folder.resolve("one"), Tiny.EXECUTION, new SilentMonitor())
            .execute();
    RunSummary second =
        new TrainingRun(config, folder.resolve("two"), Tiny.EXECUTION, new SilentMonitor())
            .execute();
    assertThat(first.weightsSha256()).isEqualTo(second.weightsSha256());
    assertThat(folder.resolve("one/checkpoints/round-0001/chat_template.jinja")).exists();
  }
}
