package dev.tandem.trainer.learning;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tandem.trainer.grpo.PolicyMetrics;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One optimiser step: a line of steps.jsonl. Shares and means are over the step's trained tokens
 * where nothing else is said; of a skipped step only what was known before it is a number.
 *
 * @param step counted over the whole run from 0, by the plan: a round with nothing to learn leaves
 *     a gap
 * @param learningRate that it was taken with
 * @param turns that were learnt from
 * @param trajectories that these are of
 * @param tokens response tokens that were a choice
 * @param staleness mean number of rounds of learning since the weights that sampled its turns
 * @param loss policy loss
 * @param gradNorm before clipping
 * @param ratioMean mean importance ratio
 * @param clipLow share of tokens held at the lower bound
 * @param clipHigh share of tokens held at an upper bound
 * @param klBehaviour k3 estimate of KL(behaviour || policy), nats
 * @param klReference estimate of KL(policy || initial checkpoint) by the penalty's estimator, nats;
 *     null without a penalty
 * @param entropy of the policy, nats
 * @param seconds that the step took
 * @param skipped why it was not taken
 */
public record StepMetrics(
    int round,
    long step,
    double learningRate,
    int turns,
    int trajectories,
    long tokens,
    double staleness,
    double loss,
    double gradNorm,
    double ratioMean,
    double clipLow,
    double clipHigh,
    double klBehaviour,
    @Nullable Double klReference,
    double entropy,
    double seconds,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String skipped) {

  /**
   * What is known of a step before it is taken.
   *
   * @param pulled whether a KL penalty measures the distance to the reference
   */
  record Plan(int round, long step, double learningRate, boolean pulled) {}

  static StepMetrics taken(
      Plan plan,
      List<Lesson> lessons,
      PolicyMetrics sum,
      double gradNorm,
      double entropy,
      long begunNanos) {
    return of(plan, lessons, sum, gradNorm, entropy, begunNanos, null);
  }

  /** One that was looked at, and left out with all that would have followed in its round. */
  static StepMetrics stopped(
      Plan plan,
      List<Lesson> lessons,
      PolicyMetrics sum,
      double entropy,
      String why,
      long begunNanos) {
    return of(plan, lessons, sum, Double.NaN, entropy, begunNanos, why);
  }

  static StepMetrics skipped(Plan plan, List<Lesson> lessons, String why, long begunNanos) {
    double none = Double.NaN;
    PolicyMetrics unknown = new PolicyMetrics(none, none, none, none, none, none);
    return of(plan, lessons, unknown, none, none, begunNanos, why);
  }

  private static StepMetrics of(
      Plan plan,
      List<Lesson> lessons,
      PolicyMetrics sum,
      double gradNorm,
      double entropy,
      long begunNanos,
      @Nullable String skipped) {
    return new StepMetrics(
        plan.round(),
        plan.step(),
        plan.learningRate(),
        lessons.size(),
        (int) lessons.stream().mapToInt(Lesson::trajectory).distinct().count(),
        lessons.stream().mapToLong(Lesson::trainedTokens).sum(),
        lessons.stream().mapToInt(Lesson::staleness).average().orElse(0),
        sum.policyLoss(),
        gradNorm,
        sum.meanRatio(),
        sum.clipLow(),
        sum.clipHigh(),
        sum.approximateKl(),
        plan.pulled() ? (Double) sum.referenceKl() : null,
        entropy,
        (System.nanoTime() - begunNanos) * 1e-9,
        skipped);
  }
}
