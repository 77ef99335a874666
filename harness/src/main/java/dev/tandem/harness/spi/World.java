package dev.tandem.harness.spi;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import java.util.List;

/** The environment as the run loop sees it: one task, begun once. */
public interface World {
  /** Begins the task. */
  Observation reset();

  /**
   * Carries a command out; one that is not admissible changes nothing and says so in its feedback.
   * A world with tools gets here what the model says without using one, such as its final answer.
   */
  Observation act(String command);

  /** The tools of this environment beside its commands, known before reset. */
  default List<ToolSpec> tools() {
    return List.of();
  }

  /**
   * Carries the use of one of {@link #tools} out; the feedback is what the tool answers.
   *
   * @param use with a JSON object as input, valid by the tool's schema
   */
  default Observation use(ToolUse use) {
    throw new IllegalArgumentException(
        "this environment declares no tool '%s'".formatted(use.tool()));
  }

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
