package dev.tandem.trainer.model.file;

/** Where tensors' values come from, one tensor at a time. */
@FunctionalInterface
public interface TensorSource {

  /** The tensor of that name, which exists and has the shape that the caller expects. */
  StoredTensor tensor(String name);
}
