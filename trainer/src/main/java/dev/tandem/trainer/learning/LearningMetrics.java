package dev.tandem.trainer.learning;

import dev.tandem.trainer.grpo.PolicyMetrics;

/**
 * What a round of learning is watched by; means over its optimiser steps.
 *
 * @param loss policy loss
 * @param gradNorm before clipping
 * @param clipFraction share of tokens whose importance ratio was out of bounds
 * @param ratioMean mean importance ratio
 * @param klBehaviour k3 estimate of KL(behaviour || policy), nats per token
 * @param klReference k3 estimate of KL(policy || initial checkpoint), nats per token
 * @param entropy of the policy, nats per token
 * @param zeroVarianceGroups share of groups without a signal
 * @param tokens response tokens learnt from
 */
public record LearningMetrics(
    double loss,
    double gradNorm,
    double clipFraction,
    double ratioMean,
    double klBehaviour,
    double klReference,
    double entropy,
    double zeroVarianceGroups,
    long tokens) {

  /** Gathers microbatches and steps. */
  static final class Builder {
    private final double zeroVarianceGroups;
    private PolicyMetrics sum = new PolicyMetrics(0, 0, 0, 0, 0);
    private double gradNorms;
    private int steps;
    private double entropies;
    private long tokens;

    Builder(double zeroVarianceGroups) {
      this.zeroVarianceGroups = zeroVarianceGroups;
    }

    void add(PolicyMetrics metrics, float[] entropiesByToken) {
      sum = sum.plus(metrics);
      for (float entropy : entropiesByToken) {
        entropies += entropy;
      }
      tokens += entropiesByToken.length;
    }

    void stepped(double gradNorm) {
      gradNorms += gradNorm;
      steps++;
    }

    LearningMetrics build(double klReference) {
      double perStep = 1.0 / Math.max(1, steps);
      return new LearningMetrics(
          sum.policyLoss() * perStep,
          gradNorms * perStep,
          sum.clipFraction() * perStep,
          sum.meanRatio() * perStep,
          sum.approximateKl() * perStep,
          klReference,
          entropies / Math.max(1, tokens),
          zeroVarianceGroups,
          tokens);
    }
  }
}
