package dev.tandem.trainer.run;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a run that was stopped, or that has ended, goes on.
 *
 * @param fromRound a complete round to go back to; empty for the newest
 * @param change of its configuration, made once it is certain that the run can go on
 */
public record GoingOn(OptionalInt fromRound, Optional<Change> change) {
  /** From the newest round, and as it began. */
  public static final GoingOn AS_IT_WAS = new GoingOn(OptionalInt.empty(), Optional.empty());

  /**
   * Another configuration.
   *
   * @param configuration the whole of it, as its file is to have it
   * @param sentence what changes
   */
  public record Change(String configuration, String sentence) {}
}
