package dev.tandem.kernels;

/**
 * What a backend implements. Arguments have been checked by {@link Kernels}; NaN and infinities
 * flow through every backend alike, except from masked entries, which are never looked at.
 */
sealed interface KernelProvider permits ScalarKernels, VectorApiKernels {
  /**
   * Widest log-ratio that is exponentiated; beyond it the ratio is constant and has no derivative.
   */
  double MAX_LOG_RATIO = 20;

  /** A short name with the width, for logs and reports. */
  String name();

  /** Writes {@code normalised [values]}; returns how many groups gave no signal. */
  int normaliseGroups(
      double[] values,
      int[] groupOffsets,
      GroupNormalisation how,
      double epsilon,
      double[] normalised);

  PolicyLossTerms clippedPolicyLoss(TokenBatch tokens, ClipBounds bounds);

  /** Sum of the values in {@code [from, to)} whose mask is set. */
  double maskedSum(double[] values, boolean[] mask, int from, int to);

  /** Sum of {@code values * weights}; an entry of weight 0 is skipped. */
  double weightedSum(double[] values, double[] weights);
}
