package dev.tandem.trainer.model;

/** Where tensors' values come from, one tensor at a time. */
@FunctionalInterface
interface TensorSource {

  /** The tensor of that name, which exists and has the shape that the caller expects. */
  StoredTensor tensor(String name);
}
