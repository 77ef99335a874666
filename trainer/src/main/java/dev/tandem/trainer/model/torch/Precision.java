package dev.tandem.trainer.model.torch;

/**
 * The arithmetic of a decoder. Saved weights and the optimiser's moments are 32 bits wide in all of
 * them.
 */
public enum Precision {
  /** Everything in 32 bits. */
  FLOAT32(6, 6),
  /**
   * Weights and activations of the forward and backward pass in bfloat16; master weights, sums of
   * gradients, moments, the statistics of norms, logits and the log-softmax in 32 bits.
   */
  BFLOAT16(15, 6),
  /** Everything in 64 bits: slow, and the way to check gradients to eight digits. */
  FLOAT64(7, 7);

  private final int computeType;
  private final int masterType;

  Precision(int computeType, int masterType) {
    this.computeType = computeType;
    this.masterType = masterType;
  }

  /** libtorch's number for the type of weights and activations. */
  public int computeType() {
    return computeType;
  }

  /** libtorch's number for the type of what learns, and of reductions. */
  public int masterType() {
    return masterType;
  }

  /** Whether the program reads copies of what the optimiser writes. */
  public boolean copiesMasters() {
    return computeType != masterType;
  }
}
