package dev.tandem.harness;

/** The environment as the run loop sees it: one task, begun once. */
public interface World {
  /** Begins the task. */
  Observation reset();

  /**
   * Carries a command out; one that is not admissible changes nothing and says so in its feedback.
   */
  Observation act(String command);

  /** Whether the task is over, solved or not. */
  boolean isFinished();

  /** Content hash of the state, equal exactly when the states are. */
  String stateHash();

  /** The environment broke: an infrastructure failure, not the agent's. Any method may throw it. */
  final class WorldException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public WorldException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
