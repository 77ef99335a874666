package dev.tandem.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.trainer.model.learn.AdamWSettings;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.sampling.Sample;
import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.model.torch.Precision;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A decoder that stays as it is while the one that it was made of learns. */
final class SnapshotTest {
  private static final List<TrainRecord> RECORDS = TestModels.records(1, 6);

  @TempDir private Path folder;

  private static Decoder learner(Precision precision, boolean adapter) {
    Decoder whole =
        Decoder.initialise(TestModels.spec(), 11, Execution.cpu(2).withPrecision(precision));
    if (!adapter) {
      return whole;
    }
    try (whole) {
      return whole.withAdapter(LoraSettings.of(4, 8, List.of("q_proj", "down_proj")), 3);
    }
  }

  private static List<int[]> greedy(Decoder decoder) {
    return decoder.sample(TestModels.unconstrained(2, 4, 0)).stream().map(Sample::tokens).toList();
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32, false", "FLOAT32, true", "BFLOAT16, false", "BFLOAT16, true"})
  void staysAsItIsUntilItIsToldToFollow(Precision precision, boolean adapter) {
    try (Decoder live = learner(precision, adapter);
        Optimiser optimiser = live.newOptimiser(new AdamWSettings(0.9, 0.95, 1e-8, 0));
        Decoder snapshot = live.snapshot()) {
      live.trainStep(RECORDS, optimiser, 1e-2, 1);
      float[] once = live.scoreRecords(RECORDS);
      snapshot.follow(live);
      List<int[]> said = greedy(live);
      save(live, adapter);

      live.trainStep(RECORDS, optimiser, 1e-1, 1);
      assertThat(live.scoreRecords(RECORDS)).isNotEqualTo(once);
      assertThat(snapshot.scoreRecords(RECORDS)).isEqualTo(once);
      assertThat(greedy(snapshot)).usingRecursiveComparison().isEqualTo(said);
      assertThat(snapshot.scoreFrozen(RECORDS))
          .isEqualTo(adapter ? live.scoreFrozen(RECORDS) : once);

      snapshot.follow(live);
      assertThat(snapshot.scoreRecords(RECORDS)).isEqualTo(live.scoreRecords(RECORDS));
      snapshot.follow(folder);
      assertThat(snapshot.scoreRecords(RECORDS)).isEqualTo(once);
      assertThat(live.scoreRecords(RECORDS)).isNotEqualTo(once);
    }
  }

  private void save(Decoder live, boolean adapter) {
    if (adapter) {
      live.saveAdapter(folder, "elsewhere");
    } else {
      live.saveWeights(folder);
    }
  }
}
