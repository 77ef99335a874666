package dev.tandem.trainer.model;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * A LoRA adapter's values.
 *
 * @param values tensors in row-major order by PEFT's names
 */
record Adapter(LoraSettings settings, Map<String, float[]> values) {

  /**
   * A fresh adapter, which changes nothing yet: A uniform in +-1/sqrt(input width), which is PEFT's
   * Kaiming initialisation with a = sqrt(5); B zero.
   */
  static Adapter fresh(ModelSpec spec, LoraSettings settings, long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    Map<String, float[]> values = new HashMap<>();
    for (WeightLayout.Slot slot : AdapterLayout.of(spec, settings).slots()) {
      float[] tensor = new float[slot.elements()];
      if (slot.name().contains(AdapterLayout.A)) {
        double bound = 1 / Math.sqrt(slot.shape().get(1));
        for (int i = 0; i < tensor.length; i++) {
          tensor[i] = (float) random.nextDouble(-bound, bound);
        }
      }
      values.put(slot.name(), tensor);
    }
    return new Adapter(settings, values);
  }

  Weights weights(ModelSpec spec, Scope scope) {
    return Weights.fuse(AdapterLayout.of(spec, settings), values, scope);
  }
}
