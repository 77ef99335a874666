package dev.tandem.trainer.grpo;

/**
 * A step that can be compared with others.
 *
 * @param trajectory number of its trajectory
 * @param state hash of the state that it began in
 * @param stepsToEnd steps of the episode after it
 */
public record AnchoredStep(int trajectory, String state, int stepsToEnd) {
  /** Checks that the step is not after the end. */
  public AnchoredStep {
    if (stepsToEnd < 0) {
      throw new IllegalArgumentException("steps to the end must be at least 0, were " + stepsToEnd);
    }
  }
}
