package dev.tandem.harness.spi;

/** The nine dimensions of a harness (HarnessX, section 3); every processor belongs to one. */
public enum Dimension {
  MODEL_SELECTION,
  CONTEXT_ASSEMBLY,
  MEMORY,
  TOOLS,
  EXECUTION_ENVIRONMENT,
  EVALUATION_AND_REWARD,
  CONTROL_AND_SAFETY,
  OBSERVABILITY,
  TRAINING_BRIDGE;

  /**
   * Whether processors of this dimension only look on. They may do nothing but pass events on, so
   * they are no part of the behaviour and of its hash.
   */
  public boolean observes() {
    return this == OBSERVABILITY || this == TRAINING_BRIDGE;
  }
}
