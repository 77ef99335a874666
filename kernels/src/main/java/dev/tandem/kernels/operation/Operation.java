package dev.tandem.kernels.operation;

/**
 * One piece of numeric work over given memory. Making one checks shapes, types and places; {@code
 * Kernels.run} checks what can change afterwards (the contents of integer arrays in host memory)
 * and does the work. An operation may be kept and run again over the same memory with other
 * contents, which allocates nothing.
 */
public sealed interface Operation
    permits AdamW,
        ClippedPolicyLoss,
        Convert,
        FusedPolicyLoss,
        ImportanceWeights,
        MaskedWhitening,
        NormaliseGroups,
        SampleTokens,
        SelectedLogProbs,
        SelectedLogProbsBackward {
  /** Where all arrays of this operation lie. */
  Place place();

  /**
   * Checks the contents that later work relies on; only for operations in host memory.
   *
   * @throws IllegalArgumentException naming the entry that is wrong
   */
  default void checkContents() {}
}
