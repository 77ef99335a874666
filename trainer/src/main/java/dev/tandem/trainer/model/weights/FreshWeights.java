package dev.tandem.trainer.model.weights;

import dev.tandem.trainer.model.file.StoredTensor;
import dev.tandem.trainer.model.file.TensorSource;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.shape.WeightLayout;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Fresh weights: norm gains 1, biases 0, all else normal(0, initializerRange). One random stream
 * serves all tensors, so their values depend on the order in which they are asked for.
 */
public final class FreshWeights implements TensorSource {

  private final Map<String, WeightLayout.Slot> slots;
  private final double deviation;
  private final RandomGenerator random;

  public FreshWeights(ModelSpec spec, long seed) {
    slots =
        WeightLayout.of(spec).slots().stream()
            .collect(Collectors.toMap(WeightLayout.Slot::name, Function.identity()));
    deviation = spec.initializerRange();
    random = new SplittableRandom(seed);
  }

  @Override
  public void lend(String name, Consumer<StoredTensor> reader) {
    WeightLayout.Slot slot = slots.get(name);
    if (slot == null) {
      throw new IllegalArgumentException("the model has no tensor " + name);
    }
    float[] values = new float[Math.toIntExact(slot.elements())];
    if (slot.isMatrix()) {
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (random.nextGaussian() * deviation);
      }
    } else if (name.endsWith("norm.weight")) {
      Arrays.fill(values, 1);
    }
    reader.accept(StoredTensor.of(values));
  }
}
