package dev.tandem.trainer.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tandem.trainer.evaluation.SuccessRate;
import dev.tandem.trainer.learning.LearningMetrics;
import org.jspecify.annotations.Nullable;

/**
 * One line of metrics.jsonl; what was not measured in a round is absent. Rates are in [0, 1], times in seconds.
 *
 * @param round 0 is the state after the warm start
 * @param episodes train rollouts of the round
 * @param trainSuccess over all of them
 * @param gate the incumbent on the gate split, where the round played it
 * @param sealed the incumbent on the sealed split, for reporting only
 * @param harnessVersion how many edits have shipped, reverts taken back
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RoundMetrics(
    int round,
    int harnessVersion,
    String incumbentHash,
    @Nullable String challengerHash,
    @Nullable Integer episodes,
    @Nullable Double trainSuccess,
    @Nullable Double incumbentSuccess,
    @Nullable Double challengerSuccess,
    @Nullable Double reward,
    @Nullable Double stepsMean,
    @Nullable SuccessRate gate,
    @Nullable SuccessRate sealed,
    @Nullable Double loss,
    @Nullable Double gradNorm,
    @Nullable Double clipFraction,
    @Nullable Double ratioMean,
    @Nullable Double klBehaviour,
    @Nullable Double klReference,
    @Nullable Double entropy,
    @Nullable Double zeroVarianceGroups,
    @Nullable Double sampleTokensPerSecond,
    @Nullable Double trainTokensPerSecond,
    @Nullable Double rolloutSeconds,
    @Nullable Double aegisSeconds,
    @Nullable Double trainSeconds) {

  /** The point of the curves before the first round. */
  public static RoundMetrics start(String incumbentHash, SuccessRate sealed) {
    return new RoundMetrics(
        0, 0, incumbentHash, null, null, null, null, null, null, null, null, sealed, null, null,
        null, null, null, null, null, null, null, null, null, null, null);
  }

  /** This round with what learning measured; a round without learning has none of it. */
  public RoundMetrics with(LearningMetrics learning, double seconds) {
    return new RoundMetrics(
        round,
        harnessVersion,
        incumbentHash,
        challengerHash,
        episodes,
        trainSuccess,
        incumbentSuccess,
        challengerSuccess,
        reward,
        stepsMean,
        gate,
        sealed,
        learning.loss(),
        learning.gradNorm(),
        learning.clipFraction(),
        learning.ratioMean(),
        learning.klBehaviour(),
        learning.klReference(),
        learning.entropy(),
        learning.zeroVarianceGroups(),
        sampleTokensPerSecond,
        learning.tokens() / Math.max(1e-9, seconds),
        rolloutSeconds,
        aegisSeconds,
        seconds);
  }
}
