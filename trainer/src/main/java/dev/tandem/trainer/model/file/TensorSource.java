package dev.tandem.trainer.model.file;

import java.util.function.Consumer;

/** Where tensors' values come from, one tensor at a time. */
@FunctionalInterface
public interface TensorSource {

  /**
   * Lends the tensor of that name, which exists and has the shape that the caller expects.
   *
   * @param reader must not keep it: its memory is gone when the reader returns
   */
  void lend(String name, Consumer<StoredTensor> reader);
}
