package dev.tandem.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.trainer.model.file.CheckpointFiles;
import dev.tandem.trainer.model.file.JsonFiles;
import dev.tandem.trainer.model.learn.AdamWSettings;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.model.torch.Precision;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A model that does not learn is in memory once, and computes what one that learns computes. */
final class FrozenDecoderTest {
  private static final LoraSettings LORA = LoraSettings.of(3, 6, List.of("q_proj", "down_proj"));
  private static final List<TrainRecord> RECORDS = TestModels.records(1, 12);

  @TempDir private Path directory;

  @BeforeEach
  void saveASmallModel() {
    CheckpointFiles.write(
        directory.resolve("config.json"), JsonFiles.bytes(TestModels.spec().toJson()));
    try (Decoder decoder = TestModels.decoder()) {
      decoder.saveWeights(directory);
    }
  }

  private static Execution in(Precision precision) {
    return Execution.cpu(2).withPrecision(precision);
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"FLOAT32", "BFLOAT16"})
  void computesTheSameWithoutMasters(Precision precision) {
    try (Decoder learning = Decoder.load(directory, in(precision));
        Decoder frozen = Decoder.loadFrozen(directory, in(precision));
        Decoder copy = learning.frozenCopy()) {
      float[] expected = learning.scoreRecords(RECORDS);
      assertThat(frozen.scoreRecords(RECORDS)).isEqualTo(expected);
      assertThat(copy.scoreRecords(RECORDS)).isEqualTo(expected);
      assertThat(frozen.runtime().parameters().masters()).isEmpty();
      assertThat(copy.runtime().parameters().masters()).isEmpty();
      assertThat(learning.runtime().parameters().masters()).isNotEmpty();
    }
  }

  @Test
  void refusesToLearn() {
    try (Decoder frozen = Decoder.loadFrozen(directory, in(Precision.BFLOAT16))) {
      assertThatThrownBy(() -> frozen.newOptimiser(AdamWSettings.defaults()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("load it as one that learns");
      assertThatThrownBy(frozen::newGradients).isInstanceOf(IllegalStateException.class);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"FLOAT32", "BFLOAT16"})
  void anAdapterTakesOverTheWeightsBelowIt(Precision precision) {
    Decoder base = Decoder.loadFrozen(directory, in(precision));
    var weights = base.runtime().parameters().program()[1];
    try (Decoder other = Decoder.load(directory, in(precision));
        Decoder apart = other.withAdapter(LORA, 7);
        Decoder adapted = base.intoAdapted(LORA, 7)) {
      assertThat(adapted.runtime().parameters().frozenProgram()[1]).isSameAs(weights);
      learn(apart);
      learn(adapted);
      float[] expected = apart.scoreRecords(RECORDS);
      assertThat(adapted.scoreRecords(RECORDS)).isEqualTo(expected);
      assertThat(adapted.scoreRecords(RECORDS)).isNotEqualTo(adapted.scoreFrozen(RECORDS));
      assertThat(adapted.weightsSha256()).isEqualTo(apart.weightsSha256());
    }
  }

  @Test
  void mergesInPlaceWhatItWouldSave() {
    try (Decoder adapted =
        Decoder.loadFrozen(directory, in(Precision.FLOAT32)).intoAdapted(LORA, 7)) {
      learn(adapted);
      String expected = adapted.weightsSha256();
      try (Decoder merged = adapted.intoMerged(false)) {
        assertThat(merged.weightsSha256()).isEqualTo(expected);
        assertThat(merged.lora()).isEmpty();
      }
    }
  }

  private static void learn(Decoder decoder) {
    try (Optimiser optimiser = decoder.newOptimiser(AdamWSettings.defaults())) {
      for (int i = 0; i < 3; i++) {
        decoder.trainStep(RECORDS, optimiser, 1e-2, 1);
      }
    }
  }
}
