package dev.tandem.rollout.store;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.rollout.FailedEpisode;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import java.util.Collection;
import java.util.List;

/**
 * An episode in a line: what one searches by.
 *
 * @param batch its segment's, with round and phase
 * @param position its place in the segment, from 0
 * @param task the task's key, such as {@code house/12}
 * @param category the task's
 * @param harness the hash of the version it began under
 * @param success false for a broken episode too, which has no verdict
 * @param detail the exit reason in a sentence; empty where it says all
 * @param failures what went wrong, by the family's taxonomy
 */
public record TraceRow(
    int round,
    Phase phase,
    String batch,
    int position,
    String id,
    String task,
    String category,
    Split split,
    String harness,
    String checkpoint,
    long seed,
    boolean success,
    double strict,
    double lenient,
    ExitReason exitReason,
    String detail,
    int steps,
    int turns,
    long promptTokens,
    long responseTokens,
    List<String> failures) {
  public TraceRow {
    failures = List.copyOf(failures);
  }

  static TraceRow of(
      SegmentName segment,
      int position,
      Trajectory trajectory,
      Collection<FailureCategory> failures) {
    TaskSpec task = trajectory.task();
    return new TraceRow(
        segment.round(),
        segment.phase(),
        segment.batch(),
        position,
        trajectory.id(),
        task.key(),
        task.category(),
        task.split(),
        trajectory.harnessHash(),
        trajectory.checkpoint(),
        trajectory.seed(),
        trajectory.verdict().success(),
        trajectory.verdict().strict(),
        trajectory.verdict().lenient(),
        trajectory.episode().exitReason(),
        trajectory.episode().detail(),
        trajectory.episode().steps().size(),
        trajectory.episode().turns().size(),
        trajectory.promptTokens(),
        trajectory.responseTokens(),
        failures.stream().map(FailureCategory::id).toList());
  }

  static TraceRow of(SegmentName segment, int position, FailedEpisode failure) {
    TaskSpec task = failure.task();
    return new TraceRow(
        segment.round(),
        segment.phase(),
        segment.batch(),
        position,
        failure.id(),
        task.key(),
        task.category(),
        task.split(),
        failure.harnessHash(),
        failure.checkpoint(),
        failure.seed(),
        false,
        0,
        0,
        failure.reason(),
        failure.detail(),
        0,
        0,
        0,
        0,
        List.of());
  }

  /** The segment it is in. */
  @JsonIgnore
  public SegmentName segment() {
    return new SegmentName(round, phase, batch);
  }

  /** Whether it failed for reasons outside the agent, so that it has no verdict. */
  @JsonIgnore
  public boolean isBroken() {
    return exitReason.isInfrastructure();
  }
}
