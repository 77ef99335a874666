package dev.tandem.harness.event;

/** Why an episode ended. */
public enum ExitReason {
  /** The environment declared the task over. */
  FINISHED,
  STEP_BUDGET,
  TOKEN_BUDGET,
  WALL_TIME_BUDGET,
  MONEY_BUDGET,
  /** The harness built a prompt that the model's context does not hold. */
  CONTEXT_OVERFLOW,
  /** A processor interrupted the episode. */
  INTERRUPTED,
  /** The model could not be reached or failed: an infrastructure failure, not the agent's. */
  MODEL_FAILURE,
  /** The environment broke: an infrastructure failure, not the agent's. */
  ENVIRONMENT_FAILURE,
  /** A processor broke its contract. */
  CONTRACT_BREACH,
  /**
   * Code of the harness failed by a fault of its own, the same at every try, and its policy is to
   * end the episode: the harness's fault, like a breach.
   */
  CODE_FAILURE,
  /** A processor threw an exception, or its surroundings failed it: an infrastructure failure. */
  PROCESSOR_FAILURE,
  /** A tool of the harness broke instead of answering: an infrastructure failure. */
  TOOL_FAILURE,
  /** What judges the episode broke: an infrastructure failure. */
  VERIFIER_FAILURE;

  /**
   * Whether the failure says nothing about the agent, so that the episode is retried instead of
   * judged.
   */
  public boolean isInfrastructure() {
    return switch (this) {
      case MODEL_FAILURE, ENVIRONMENT_FAILURE, PROCESSOR_FAILURE, TOOL_FAILURE, VERIFIER_FAILURE ->
          true;
      case FINISHED,
          STEP_BUDGET,
          TOKEN_BUDGET,
          WALL_TIME_BUDGET,
          MONEY_BUDGET,
          CONTEXT_OVERFLOW,
          INTERRUPTED,
          CONTRACT_BREACH,
          CODE_FAILURE ->
          false;
    };
  }
}
