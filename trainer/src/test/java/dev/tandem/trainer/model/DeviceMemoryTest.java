package dev.tandem.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import dev.tandem.trainer.model.learn.AdamWSettings;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.runtime.DecoderRuntime;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.torch.DeviceMemoryException;
import dev.tandem.trainer.model.torch.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DeviceMemoryTest {

  @Test
  void anAllocationThatFailsSaysWhatToLowerAndLeavesTheDecoderUsable() {
    List<TrainRecord> records = TestModels.records(1, 10);
    try (Decoder decoder = TestModels.decoder();
        Optimiser optimiser = decoder.newOptimiser(AdamWSettings.defaults())) {
      String before = decoder.weightsSha256();
      float[] scores = decoder.scoreRecords(records);
      assertThatThrownBy(() -> allocate(decoder, 1L << 50))
          .isInstanceOf(DeviceMemoryException.class)
          .hasMessageContaining("has no room for another 4194304.0 GiB")
          .hasMessageContaining("lower optimiser.microbatch_tokens")
          .hasMessageContaining("optimiser.recompute_layers")
          .hasMessageContaining("the run can be resumed");
      assertThat(decoder.weightsSha256()).isEqualTo(before);
      assertThat(decoder.scoreRecords(records)).isEqualTo(scores);
      double first = decoder.trainStep(records, optimiser, 1e-2, 1).loss();
      assertThat(decoder.trainStep(records, optimiser, 1e-2, 1).loss()).isLessThan(first);
    }
  }

  /** Zeros like a tensor whose elements all share one number: only the copy needs the memory. */
  private static void allocate(Decoder decoder, long elements) {
    DecoderRuntime runtime = decoder.runtime();
    try (TensorScope scope = runtime.module().scope().open()) {
      NDArray vast = scope.floats(new float[1], 1).broadcast(new Shape(elements));
      runtime.calls().zerosLike(new PtNDArray[] {(PtNDArray) vast}, scope);
    }
  }

  @Test
  void recognisesAGpusReport() {
    EngineException failure =
        new EngineException(
            "CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has a total capacity of 139"
                + " GiB");
    assertThat(DeviceMemoryException.of(failure))
        .hasValueSatisfying(
            full ->
                assertThat(full)
                    .hasMessageContaining("the GPU's memory has no room for another 2.50 GiB"));
    assertThat(DeviceMemoryException.of(new EngineException("shape mismatch"))).isEmpty();
  }
}
