package dev.tandem.trainer.model.torch;

import dev.tandem.trainer.model.file.ElementType;

/**
 * The arithmetic of a decoder. Saved weights and the optimiser's moments are 32 bits wide in all of
 * them.
 */
public enum Precision {
  /** Everything in 32 bits. */
  FLOAT32(ElementType.F32, ElementType.F32),
  /**
   * Weights and activations of the forward and backward pass in bfloat16; master weights, sums of
   * gradients, moments, the statistics of norms, logits and the log-softmax in 32 bits.
   */
  BFLOAT16(ElementType.BF16, ElementType.F32),
  /** Everything in 64 bits: slow, and the way to check gradients to eight digits. */
  FLOAT64(ElementType.F64, ElementType.F64);

  private final ElementType compute;
  private final ElementType master;

  Precision(ElementType compute, ElementType master) {
    this.compute = compute;
    this.master = master;
  }

  /** The type of weights and activations. */
  public ElementType compute() {
    return compute;
  }

  /** The type of what learns, and of reductions. */
  public ElementType master() {
    return master;
  }

  /** libtorch's number for the type of weights and activations. */
  public int computeType() {
    return compute.torchCode();
  }

  /** libtorch's number for the type of what learns, and of reductions. */
  public int masterType() {
    return master.torchCode();
  }

  /** Whether the program reads copies of what the optimiser writes. */
  public boolean copiesMasters() {
    return compute != master;
  }
}
