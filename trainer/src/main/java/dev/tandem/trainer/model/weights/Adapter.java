package dev.tandem.trainer.model.weights;

import dev.tandem.trainer.model.file.ElementType;
import dev.tandem.trainer.model.file.StoredTensor;
import dev.tandem.trainer.model.shape.AdapterLayout;
import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.shape.WeightLayout;
import dev.tandem.trainer.model.torch.TensorScope;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * A LoRA adapter.
 *
 * @param weights makes its tensors, laid out by {@link AdapterLayout}, in a scope
 */
public record Adapter(LoraSettings settings, Function<TensorScope, FusedTensors> weights) {

  /**
   * A fresh adapter, which changes nothing yet: A uniform in +-1/sqrt(input width), which is PEFT's
   * Kaiming initialisation with a = sqrt(5); B zero. One random stream serves all tensors in the
   * order of their names.
   */
  public static Adapter fresh(ModelSpec spec, LoraSettings settings, long seed) {
    WeightLayout layout = AdapterLayout.of(spec, settings);
    return new Adapter(
        settings,
        scope -> {
          RandomGenerator random = new SplittableRandom(seed);
          return FusedTensors.load(
              layout,
              (name, reader) -> reader.accept(StoredTensor.of(fresh(layout.slot(name), random))),
              ElementType.F32,
              scope);
        });
  }

  private static float[] fresh(WeightLayout.Slot slot, RandomGenerator random) {
    float[] values = new float[Math.toIntExact(slot.elements())];
    if (slot.name().contains(AdapterLayout.A)) {
      double bound = 1 / Math.sqrt(slot.shape().get(1));
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextDouble(-bound, bound);
      }
    }
    return values;
  }
}
