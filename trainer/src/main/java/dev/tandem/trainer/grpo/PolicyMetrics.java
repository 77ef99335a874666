package dev.tandem.trainer.grpo;

/**
 * What a step should be watched by. All but the first are means over the tokens of the whole batch,
 * so that the metrics of microbatches add up.
 *
 * @param policyLoss the loss without the KL penalty, aggregated as the loss is
 * @param meanRatio importance ratio; 1 on policy
 * @param clipFraction share of tokens whose ratio is out of bounds although they have an advantage
 * @param approximateKl k3 estimate of KL(behaviour || policy)
 * @param referenceKl estimate of KL(policy || reference) by the penalty's estimator, or k3 while
 *     the penalty is off; 0 without reference log-probabilities
 * @param clipLow that part of the clip fraction whose ratio is below the lower bound
 */
public record PolicyMetrics(
    double policyLoss,
    double meanRatio,
    double clipFraction,
    double approximateKl,
    double referenceKl,
    double clipLow) {
  /** Of no token. */
  public static final PolicyMetrics NONE = new PolicyMetrics(0, 0, 0, 0, 0, 0);

  /** The metrics of two microbatches of one batch together. */
  public PolicyMetrics plus(PolicyMetrics other) {
    return new PolicyMetrics(
        policyLoss + other.policyLoss,
        meanRatio + other.meanRatio,
        clipFraction + other.clipFraction,
        approximateKl + other.approximateKl,
        referenceKl + other.referenceKl,
        clipLow + other.clipLow);
  }

  /** That part of the clip fraction whose ratio is above an upper bound, the dual clip's too. */
  public double clipHigh() {
    return Math.max(0, clipFraction - clipLow);
  }
}
