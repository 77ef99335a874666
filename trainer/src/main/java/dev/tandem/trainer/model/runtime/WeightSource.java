package dev.tandem.trainer.model.runtime;

import dev.tandem.trainer.model.file.ElementType;
import dev.tandem.trainer.model.torch.TensorScope;
import dev.tandem.trainer.model.weights.FusedTensors;

/** Makes a decoder's weights, in the type in which they are kept, so that they are there once. */
@FunctionalInterface
public interface WeightSource {

  /** The weights, in memory of that scope. */
  FusedTensors make(ElementType type, TensorScope scope);
}
