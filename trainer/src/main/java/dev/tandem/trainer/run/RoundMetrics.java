package dev.tandem.trainer.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.tandem.rollout.run.PoisonedRoundException;
import dev.tandem.trainer.learning.LearningMetrics;
import org.jspecify.annotations.Nullable;

/**
 * One line of metrics.jsonl; what was not measured in a round is absent.
 *
 * @param round 0 is the state after the warm start
 * @param harnessVersion how many edits have shipped
 * @param incumbentHash harness that the round began with
 * @param candidateHash harness that the gate tested last in the round
 * @param gate the incumbent on the gate split, where the gate played it
 * @param failures where episodes failed for reasons outside the agent
 * @param sealed the agent after the round on the sealed split, for reporting only
 * @param buffer what was learnt from
 * @param written known once the round's checkpoint is
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RoundMetrics(
    int round,
    int harnessVersion,
    String incumbentHash,
    @Nullable String candidateHash,
    @JsonUnwrapped @Nullable RolloutMetrics rollout,
    @Nullable SuccessRate gate,
    @Nullable SuccessRate sealed,
    @JsonUnwrapped @Nullable BufferMetrics buffer,
    @JsonUnwrapped @Nullable LearningMetrics learning,
    @JsonUnwrapped @Nullable FailureMetrics failures,
    @JsonUnwrapped @Nullable RoundTimes times,
    @JsonUnwrapped @Nullable Written written) {

  /** The point of the curves before the first round. */
  public static RoundMetrics start(String incumbentHash, SuccessRate sealed) {
    return new RoundMetrics(
        0, 0, incumbentHash, null, null, null, sealed, null, null, null, null, null);
  }

  /** A round that was poisoned and changed nothing. */
  public static RoundMetrics poisoned(
      int round,
      int harnessVersion,
      String incumbentHash,
      @Nullable SuccessRate sealed,
      PoisonedRoundException why) {
    FailureMetrics failures = FailureMetrics.of(why.result(), String.valueOf(why.getMessage()));
    return new RoundMetrics(
        round,
        harnessVersion,
        incumbentHash,
        null,
        null,
        null,
        sealed,
        null,
        null,
        failures,
        null,
        null);
  }

  RoundMetrics with(Written saved) {
    return new RoundMetrics(
        round,
        harnessVersion,
        incumbentHash,
        candidateHash,
        rollout,
        gate,
        sealed,
        buffer,
        learning,
        failures,
        times,
        saved);
  }
}
