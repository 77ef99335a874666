package dev.tandem.kernels.operation;

/** How a group's values become advantages relative to that group. */
public enum GroupNormalisation {
  /**
   * {@code (value - mean) / (std + epsilon)} with the sample standard deviation (GRPO, arXiv
   * 2402.03300).
   */
  MEAN_STD,
  /** {@code value - mean} (Dr. GRPO, arXiv 2503.20783). */
  MEAN,
  /** {@code value - mean of the others} (RLOO, arXiv 2402.14740). */
  LEAVE_ONE_OUT
}
