package dev.tandem.trainer.model.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import dev.tandem.trainer.doctor.NamedShapes;
import dev.tandem.trainer.model.TestModels;
import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.torch.Bfloat16Products;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.model.torch.MatrixLibrary;
import dev.tandem.trainer.model.torch.Precision;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Against sums by hand. */
final class FootprintTest {
  private static final ModelSpec HALF = NamedShapes.of("qwen2.5-0.5b");
  private static final long PARAMETERS = 494_032_768;
  private static final Microbatch BATCH = new Microbatch(2, 128, 64);

  private static Execution gpu(Precision precision) {
    return new Execution(Device.gpu(0), 1, 1, 65_536, 131_072, MatrixLibrary.DEVICE_DEFAULT)
        .withPrecision(precision);
  }

  private static Footprint of(Precision precision) {
    return Footprint.frozen(HALF, gpu(precision));
  }

  @Test
  void namedShapesHaveThePublishedNumbersOfWeights() {
    assertThat(HALF.parameters()).isEqualTo(PARAMETERS);
    assertThat(NamedShapes.of("qwen2.5-1.5b").parameters()).isEqualTo(1_543_714_304L);
    assertThat(NamedShapes.of("qwen2.5-3b").parameters()).isEqualTo(3_085_938_688L);
    assertThat(NamedShapes.of("Qwen2.5-7B").parameters()).isEqualTo(7_615_616_512L);
    assertThatThrownBy(() -> NamedShapes.of("qwen9"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("qwen9 is no folder")
        .hasMessageContaining("qwen2.5-7b");
  }

  @Test
  void aFullStepIsSixteenBytesAWeightAndInBfloat16Eighteen() {
    MemoryPlan wide = of(Precision.FLOAT32).step(BATCH, false);
    assertThat(wide.bytes("weights")).isEqualTo(4 * PARAMETERS);
    assertThat(wide.bytes("masters")).isZero();
    assertThat(wide.bytes("gradients")).isEqualTo(4 * PARAMETERS);
    assertThat(wide.bytes("moments")).isEqualTo(8 * PARAMETERS);
    assertThat(wide.bytes("reference")).isZero();
    MemoryPlan narrow = of(Precision.BFLOAT16).step(BATCH, true);
    assertThat(narrow.bytes("weights")).isEqualTo(2 * PARAMETERS);
    assertThat(narrow.bytes("masters")).isEqualTo(4 * PARAMETERS);
    assertThat(narrow.bytes("reference")).isEqualTo(2 * PARAMETERS);
  }

  /** 24 layers of 2 key heads of 64: 24 x 2 x 128 numbers a token. */
  @Test
  void theCacheIsCountedInItsOwnType() {
    assertThat(of(Precision.FLOAT32).cacheBytesPerToken()).isEqualTo(24_576);
    assertThat(of(Precision.BFLOAT16).cacheBytesPerToken()).isEqualTo(12_288);
    assertThat(of(Precision.BFLOAT16).cache(3, 1_000)).isEqualTo(3 * 1_024 * 12_288L);
  }

  /**
   * In numbers of a token: 2 inputs of norms, 2 normed, 2 with gains, each 896 wide; projections of
   * 896 + 2 x 128; queries, keys and values by heads of 896 and 2 x 128, results of 896 twice; four
   * of the MLP's 4,864; 14 sums. The last block has 896, 3 x 128 and 2 x 896 for each, and 3 x 896,
   * 4 x 896, 4 x 4,864 and 2 x 896 for the predicted half, and 7 x 64 x 128 twice for its mask,
   * with booleans.
   */
  @Test
  void activationsAreWhatAutogradKeeps() {
    long block = 6 * 896 + 4 * 896 + 4 * 128 + 4 * 4_864 + 14;
    long last = 256 * (3 * 896 + 3 * 128) + 128 * (3 * 896 + 4 * 896 + 4 * 4_864 + 2 * 896);
    long mask = 2 * 5 * 7 * 64 * 128;
    assertThat(of(Precision.FLOAT32).step(BATCH, false).bytes("activations"))
        .isEqualTo(4 * (23 * 256 * block + last) + mask);
  }

  @Test
  void recomputedLayersKeepTheirInputsAndOneLayerAtATime() {
    Execution execution = gpu(Precision.FLOAT32);
    MemoryPlan plan =
        Footprint.frozen(
                HALF,
                execution.withTrainingMemory(execution.trainingMemory().withRecomputation(true)))
            .step(BATCH, false);
    long block = 6 * 896 + 4 * 896 + 4 * 128 + 4 * 4_864 + 14;
    assertThat(plan.bytes("activations")).isEqualTo(4 * 896 * (24 * 256 + 128) + 4 * 256 * block);
  }

  @Test
  void anAdapterHasMomentsOfItsOwnAndNoReference() {
    MemoryPlan plan =
        new Footprint(
                HALF,
                gpu(Precision.BFLOAT16),
                Optional.of(LoraSettings.of(8, 8, List.of("q_proj"))))
            .step(BATCH, true);
    long adapter = 24 * 8 * (896 + 896);
    assertThat(plan.bytes("weights")).isEqualTo(2 * PARAMETERS);
    assertThat(plan.bytes("adapter")).isEqualTo(2 * adapter);
    assertThat(plan.bytes("masters")).isEqualTo(4 * adapter);
    assertThat(plan.bytes("gradients")).isEqualTo(4 * adapter);
    assertThat(plan.bytes("moments")).isEqualTo(8 * adapter);
    assertThat(plan.bytes("reference")).isZero();
    assertThat(plan.bytes())
        .isEqualTo(plan.parts().stream().mapToLong(MemoryPlan.Part::bytes).sum());
  }

  @Test
  void aSmallModelIsThereTwiceWhereOneDnnPacksIt() {
    Execution cpu = new Execution(Device.cpu(), 2, 1, 4096, 4096, MatrixLibrary.ONE_DNN);
    ModelSpec small = TestModels.spec();
    assertThat(Footprint.frozen(small, cpu).sampling(1, 64).bytes("packed weights"))
        .isEqualTo(4 * small.parameters());
    assertThat(Footprint.frozen(HALF, cpu).sampling(1, 64).bytes("packed weights")).isZero();
  }

  /**
   * Gate and up are a matrix of 2 x 4,864 x 896, which 896 numbers of a token make 2 x 4,864 of. A
   * gradient goes straight to its sum there, and where bfloat16 is multiplied as it is, it does
   * not.
   */
  @Test
  void aWidenedProductIsThereInFullForOneMatrix() {
    Execution cpu = Execution.cpu(2).withPrecision(Precision.BFLOAT16);
    Footprint wide = Footprint.frozen(HALF, cpu.withBfloat16Products(Bfloat16Products.WIDENED));
    Footprint narrow = Footprint.frozen(HALF, cpu.withBfloat16Products(Bfloat16Products.NATIVE));
    long matrix = 2 * 4_864 * 896;
    assertThat(wide.step(BATCH, false).bytes("widened product"))
        .isEqualTo(4 * (matrix + 256 * (896 + 2 * 4_864)));
    assertThat(wide.step(BATCH, false).bytes("layer at work")).isEqualTo(2 * 256 * 5 * 4_864);
    assertThat(narrow.step(BATCH, false).bytes("widened product")).isZero();
    assertThat(narrow.step(BATCH, false).bytes("layer at work"))
        .isEqualTo(2 * (matrix + 256 * 5 * 4_864));
  }
}
