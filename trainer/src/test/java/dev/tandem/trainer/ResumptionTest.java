package dev.tandem.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.durable.DurableFiles;
import dev.tandem.trainer.io.DamagedStateException;
import dev.tandem.trainer.run.GoingOn;
import dev.tandem.trainer.run.ResumptionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a finished run of three rounds goes on from once something of it is damaged. */
final class ResumptionTest {
  @TempDir private static Path shared;
  private static Map<String, String> undisturbed = Map.of();

  @TempDir private Path folder;
  private Path run = Path.of("");
  private final SilentMonitor monitor = new SilentMonitor();

  @BeforeAll
  static void play() throws IOException {
    TinyRun.run(shared, new SilentMonitor());
    undisturbed = RunOutcome.of(shared);
  }

  @BeforeEach
  void copy() throws IOException {
    run = folder.resolve("run");
    TinyRun.copy(shared, run);
  }

  private void resume(OptionalInt fromRound) throws IOException {
    try (TrainingRun again = new TrainingRun(TinyRun.config(), run, Tiny.EXECUTION, monitor)) {
      again.execute(new GoingOn(fromRound, Optional.empty()));
    }
  }

  private void flip(String file) throws IOException {
    byte[] bytes = Files.readAllBytes(run.resolve(file));
    bytes[bytes.length / 2] ^= 1;
    Files.write(run.resolve(file), bytes);
  }

  private void assertRefused(String sentence) throws IOException {
    Map<String, String> before = RunOutcome.of(run);
    assertThatThrownBy(() -> resume(OptionalInt.empty()))
        .isInstanceOf(DamagedStateException.class)
        .hasMessage(sentence);
    assertThat(RunOutcome.of(run)).isEqualTo(before);
  }

  @Test
  void aFlippedBitOfWeightsIsRefusedAndAnOlderRoundIsGoneBackToByChoice() throws IOException {
    flip("checkpoints/round-0003/model.safetensors");
    assertRefused(
        run.resolve("checkpoints/round-0003/model.safetensors")
            + " has another content than was written: put back the file that was written, or go"
            + " on from another round with --from-round 2 or --from-round 0");
    resume(OptionalInt.of(2));
    Map<String, String> after = RunOutcome.of(run);
    assertThat(after)
        .containsKeys(
            "set-aside-001/checkpoints/round-0003/model.safetensors",
            "set-aside-001/traces/round-0003-train-001.traces",
            "set-aside-001/summary.json");
    after.keySet().removeIf(name -> name.startsWith("set-aside-001/"));
    assertThat(after).isEqualTo(undisturbed);
    assertThat(monitor.notes).contains("resuming after round 2");
  }

  @Test
  void aRoundThatIsNotWholeIsNotGoneBackTo() throws IOException {
    flip("checkpoints/round-0003/optimiser.safetensors");
    flip("checkpoints/round-0002/run-state.json");
    assertThatThrownBy(() -> resume(OptionalInt.of(2)))
        .hasMessageContaining("round-0002/run-state.json has another content than was written")
        .hasMessageEndingWith("with --from-round 0");
    assertThatThrownBy(() -> resume(OptionalInt.of(1)))
        .isInstanceOf(ResumptionException.class)
        .hasMessage(
            "--from-round 1: the checkpoint of round 1 was dropped, as checkpoints.keep_last says:"
                + " %s still has rounds 0, 2, 3",
            run);
  }

  @Test
  void nothingBeginsAgainWhereRoundsWereCompleted() throws IOException {
    DurableFiles.deleteTree(run.resolve("checkpoints"));
    assertRefused(
        "%s is missing although %s shows that round 3 was completed: put back the folder, or name another --out to begin anew"
            .formatted(run.resolve("checkpoints/round-0003"), run.resolve("metrics.jsonl")));
    for (String file : List.of("metrics.jsonl", "summary.json")) {
      Files.delete(run.resolve(file));
      assertThatThrownBy(() -> resume(OptionalInt.empty()))
          .isInstanceOf(DamagedStateException.class)
          .hasMessageContaining("shows that round");
    }
  }

  @Test
  void aNewestRoundThatIsGoneIsMissed() throws IOException {
    DurableFiles.deleteTree(run.resolve("checkpoints/round-0003"));
    assertRefused(
        "%s is missing although %s shows that round 3 was completed: put back the folder, or go on from another round with --from-round 2 or --from-round 0"
            .formatted(run.resolve("checkpoints/round-0003"), run.resolve("metrics.jsonl")));
  }

  @Test
  void aCheckpointWithoutItsManifestIsDamaged() throws IOException {
    Files.delete(run.resolve("checkpoints/round-0003/tandem-manifest.json"));
    assertThatThrownBy(() -> resume(OptionalInt.empty()))
        .hasMessageStartingWith(
            run.resolve("checkpoints/round-0003/tandem-manifest.json") + " is missing: ");
  }

  @Test
  void recordsArePutBackFromTheCheckpoint() throws IOException {
    flip("metrics.jsonl");
    Files.delete(run.resolve("ledger.jsonl"));
    resume(OptionalInt.empty());
    Map<String, String> after = RunOutcome.of(run);
    after.keySet().removeIf(name -> name.endsWith(".damaged"));
    assertThat(after).isEqualTo(undisturbed);
    assertThat(monitor.notes)
        .anyMatch(
            note ->
                note.startsWith(
                    run.resolve("metrics.jsonl")
                        + " has another content than was written: put back from the copy in "))
        .anyMatch(note -> note.startsWith(run.resolve("ledger.jsonl") + " is missing: put back"));
  }

  @Test
  void tracesThatTrainingHoldsMustBeWholeAndOthersAreMissed() throws IOException {
    flip("traces/round-0001-train-001.traces");
    resume(OptionalInt.empty());
    assertThat(monitor.notes)
        .anyMatch(
            note ->
                note.startsWith(
                    run.resolve("traces/round-0001-train-001.traces")
                        + " has another content than was written: its episodes are missing"));
    flip("traces/round-0003-train-001.traces");
    assertThatThrownBy(() -> resume(OptionalInt.empty()))
        .isInstanceOf(DamagedStateException.class)
        .hasMessageContaining("round-0003-train-001.traces has another content");
  }
}
