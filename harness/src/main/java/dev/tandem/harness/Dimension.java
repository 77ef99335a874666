package dev.tandem.harness;

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
  TRAINING_BRIDGE
}
