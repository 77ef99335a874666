package dev.tandem.trainer.run;

import dev.tandem.rollout.run.PoisonedRoundException;

/** Too much failed around the agent for a run to make sense. */
public final class PoisonedRunException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public PoisonedRunException(int inARow, PoisonedRoundException last) {
    super(
        "%s because %s"
            .formatted(
                inARow == 1
                    ? "the last round changed nothing,"
                    : "%d rounds in a row changed nothing, the last".formatted(inARow),
                last.getMessage()),
        last);
  }

  /** The agent that it ends with could not be measured. */
  public PoisonedRunException(PoisonedRoundException evaluation) {
    super(
        "the last evaluation says nothing, because %s".formatted(evaluation.getMessage()),
        evaluation);
  }
}
