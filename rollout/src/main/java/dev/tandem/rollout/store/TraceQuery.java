package dev.tandem.rollout.store;

import dev.tandem.rollout.Phase;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Which episodes to find: those that meet every condition that is given.
 *
 * @param id the whole id
 * @param task a task's key, or its id within the family
 * @param category of the task
 * @param harness beginning of the hash of the version it began under
 * @param failure a failure category
 * @param outcome how it ended
 * @param limit the most to answer, the first ones in order of round, phase, batch and position
 */
public record TraceQuery(
    Optional<String> id,
    Optional<Phase> phase,
    OptionalInt round,
    Optional<String> task,
    Optional<String> category,
    Optional<String> harness,
    Optional<String> failure,
    Optional<Outcome> outcome,
    int limit) {
  /** Every episode. */
  public static final TraceQuery ALL =
      new TraceQuery(
          Optional.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Integer.MAX_VALUE);

  /** How an episode ended. */
  public enum Outcome {
    /** Judged a success. */
    SUCCESS,
    /** Judged, and no success. */
    FAILED,
    /** Not judged: it failed for reasons outside the agent. */
    BROKEN
  }

  public TraceQuery {
    if (limit < 1) {
      throw new IllegalArgumentException("the limit must be at least 1, was " + limit);
    }
  }

  public TraceQuery withId(String wanted) {
    return new TraceQuery(
        Optional.of(wanted), phase, round, task, category, harness, failure, outcome, limit);
  }

  public TraceQuery withPhase(Phase wanted) {
    return new TraceQuery(
        id, Optional.of(wanted), round, task, category, harness, failure, outcome, limit);
  }

  public TraceQuery withRound(int wanted) {
    return new TraceQuery(
        id, phase, OptionalInt.of(wanted), task, category, harness, failure, outcome, limit);
  }

  public TraceQuery withTask(String wanted) {
    return new TraceQuery(
        id, phase, round, Optional.of(wanted), category, harness, failure, outcome, limit);
  }

  public TraceQuery withCategory(String wanted) {
    return new TraceQuery(
        id, phase, round, task, Optional.of(wanted), harness, failure, outcome, limit);
  }

  public TraceQuery withHarness(String wanted) {
    return new TraceQuery(
        id, phase, round, task, category, Optional.of(wanted), failure, outcome, limit);
  }

  public TraceQuery withFailure(String wanted) {
    return new TraceQuery(
        id, phase, round, task, category, harness, Optional.of(wanted), outcome, limit);
  }

  public TraceQuery withOutcome(Outcome wanted) {
    return new TraceQuery(
        id, phase, round, task, category, harness, failure, Optional.of(wanted), limit);
  }

  public TraceQuery withLimit(int most) {
    return new TraceQuery(id, phase, round, task, category, harness, failure, outcome, most);
  }
}
