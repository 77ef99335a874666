package dev.tandem.kernels.operation;

/** The sums over all tokens in the mask that a policy loss leaves, by their place in the array. */
public enum PolicySum {
  /** {@code POLICY_LOSS + coefficient * PENALTY}. */
  LOSS(0),
  /** Token losses times weight times importance weight. */
  POLICY_LOSS(1),
  /** KL estimates times weight. */
  PENALTY(2),
  /** Importance ratios. */
  RATIO(3),
  /** How many tokens with an advantage had a ratio out of bounds. */
  CLIPPED_TOKENS(4),
  /** k3 estimates of KL(behaviour || policy). */
  BEHAVIOUR_KL(5),
  /** Unweighted KL estimates; 0 without a reference. */
  REFERENCE_KL(6),
  /** How many tokens are in the mask. */
  TOKENS(7);

  /** The size of an array of sums. */
  public static final int COUNT = values().length;

  private final int index;

  PolicySum(int index) {
    this.index = index;
  }

  /** Its place in an array of sums. */
  public int index() {
    return index;
  }

  /** This sum in an array in host memory. */
  public double of(Values sums) {
    return sums.get(index);
  }
}
