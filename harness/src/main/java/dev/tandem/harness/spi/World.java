package dev.tandem.harness.spi;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import java.util.List;
import java.util.Optional;

/**
 * The environment as the run loop sees it: one task, begun once. Whatever a method throws is the
 * environment's failure and not the agent's; it ends this episode alone.
 */
public interface World {
  /** Begins the task. */
  Observation reset();

  /**
   * Carries a command out; one that is not admissible changes nothing and says so in its text. A
   * world with tools gets here what the model says without using one, such as its final answer.
   */
  Observation act(String command);

  /** The tools of this environment beside its commands, known before reset. */
  default List<ToolSpec> tools() {
    return List.of();
  }

  /**
   * Carries the use of one of {@link #tools} out; the observation's text is what the tool answers.
   *
   * @param use with a JSON object as input, valid by the tool's schema
   */
  default Observation use(ToolUse use) {
    throw new IllegalArgumentException(
        "this environment declares no tool '%s'".formatted(use.tool()));
  }

  /** Whether the task is over, solved or not. */
  boolean isFinished();

  /**
   * Content hash of the state, equal exactly when the states are; empty where the environment's
   * state cannot be told.
   */
  default Optional<String> stateHash() {
    return Optional.empty();
  }

  /** A failure that an environment wants to tell in its own words. */
  final class WorldException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public WorldException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
