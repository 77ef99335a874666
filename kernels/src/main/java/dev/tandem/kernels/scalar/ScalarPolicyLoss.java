package dev.tandem.kernels.scalar;

import static dev.tandem.kernels.operation.ClippedPolicyLoss.MAX_LOG_RATIO;

import dev.tandem.kernels.operation.ClipBounds;
import dev.tandem.kernels.operation.ClippedPolicyLoss;
import dev.tandem.kernels.operation.FusedPolicyLoss;
import dev.tandem.kernels.operation.KlEstimator;
import dev.tandem.kernels.operation.PolicySum;
import dev.tandem.kernels.operation.PolicyTerms;
import dev.tandem.kernels.operation.PolicyTokens;
import dev.tandem.kernels.operation.Values;
import org.jspecify.annotations.Nullable;

/**
 * {@link ClippedPolicyLoss}, alone and fused. The loss is {@code -A} times the ratio held to an
 * interval that depends on the sign of A alone; outside it, the derivative is 0.
 */
final class ScalarPolicyLoss {
  private ScalarPolicyLoss() {}

  static void run(ClippedPolicyLoss it) {
    double[] sums = new double[PolicySum.COUNT];
    for (long token = 0; token < it.tokens().size(); token++) {
      if (isSet(it.tokens().mask(), token)) {
        evaluate(it, token, sums);
      } else {
        write(it.terms(), token, 0, 0, 0, 0);
      }
    }
    sums[PolicySum.LOSS.index()] =
        sums[PolicySum.POLICY_LOSS.index()]
            + it.kl().coefficient() * sums[PolicySum.PENALTY.index()];
    for (int i = 0; i < sums.length; i++) {
      it.terms().sums().set(i, sums[i]);
    }
  }

  private static void evaluate(ClippedPolicyLoss it, long token, double[] sums) {
    PolicyTokens tokens = it.tokens();
    ClipBounds bounds = it.bounds();
    double logProb = it.logProbs().get(token);
    double advantage = tokens.advantages().get(token);
    double logRatio = logProb - tokens.behaviourLogProbs().get(token);
    double ratio = Math.exp(held(logRatio));
    double lower = advantage < 0 ? 1 - bounds.low() : 0;
    double upper = advantage < 0 ? bounds.dualClip() : 1 + bounds.high();
    boolean clipped = ratio < lower || ratio > upper;
    boolean constant = clipped || Math.abs(logRatio) > MAX_LOG_RATIO;
    double loss = -advantage * Math.min(Math.max(ratio, lower), upper);
    double derivative = constant ? 0 : -advantage * ratio;

    double kl = 0;
    double klDerivative = 0;
    if (tokens.referenceLogProbs() != null) {
      double distance = logProb - tokens.referenceLogProbs().get(token);
      kl = kl(it.kl().estimator(), distance);
      klDerivative = klDerivative(it.kl().estimator(), distance);
    }

    double weight = factor(tokens.weights(), token);
    double policyWeight = product(weight, factor(tokens.importanceWeights(), token));
    double gradient = product(policyWeight, derivative);
    if (it.kl().coefficient() != 0) {
      gradient += product(it.kl().coefficient() * weight, klDerivative);
    }
    write(it.terms(), token, ratio, loss, kl, gradient);
    sums[PolicySum.POLICY_LOSS.index()] += product(policyWeight, loss);
    sums[PolicySum.PENALTY.index()] += product(weight, kl);
    sums[PolicySum.RATIO.index()] += ratio;
    sums[PolicySum.CLIPPED_TOKENS.index()] += clipped && advantage != 0 ? 1 : 0;
    sums[PolicySum.BEHAVIOUR_KL.index()] += kl(KlEstimator.K3, -logRatio);
    sums[PolicySum.REFERENCE_KL.index()] += kl;
    sums[PolicySum.TOKENS.index()]++;
  }

  private static double kl(KlEstimator estimator, double distance) {
    return switch (estimator) {
      case K1 -> distance;
      case K2 -> distance * distance / 2;
      case K3 -> Math.expm1(-held(distance)) + held(distance);
    };
  }

  private static double klDerivative(KlEstimator estimator, double distance) {
    return switch (estimator) {
      case K1 -> 1;
      case K2 -> distance;
      case K3 -> Math.abs(distance) > MAX_LOG_RATIO ? 0 : -Math.expm1(-distance);
    };
  }

  private static double held(double logRatio) {
    return Math.min(Math.max(logRatio, -MAX_LOG_RATIO), MAX_LOG_RATIO);
  }

  private static double product(double weight, double factor) {
    return weight == 0 ? 0 : weight * factor;
  }

  private static double factor(@Nullable Values weights, long token) {
    return weights == null ? 1 : weights.get(token);
  }

  private static boolean isSet(@Nullable Values mask, long token) {
    return mask == null || mask.isSet(token);
  }

  private static void write(
      PolicyTerms terms, long token, double ratio, double loss, double kl, double gradient) {
    if (terms.ratios() != null) {
      terms.ratios().set(token, ratio);
    }
    if (terms.losses() != null) {
      terms.losses().set(token, loss);
    }
    if (terms.klEstimates() != null) {
      terms.klEstimates().set(token, kl);
    }
    terms.gradient().set(token, gradient);
  }

  /** The three operations one after the other. */
  static void fused(FusedPolicyLoss it) {
    ClippedPolicyLoss loss = it.loss();
    double[] logSumExps = new double[Math.toIntExact(it.logits().rows())];
    for (int row = 0; row < logSumExps.length; row++) {
      if (isSet(loss.tokens().mask(), row)) {
        Values logits = it.logits().row(row);
        logSumExps[row] = LogProbs.logSumExp(logits, it.temperature());
        double chosen = logits.get(it.ids().getLong(row)) / it.temperature();
        loss.logProbs().set(row, chosen - logSumExps[row]);
      } else {
        loss.logProbs().set(row, 0);
      }
    }
    run(loss);
    for (int row = 0; row < logSumExps.length; row++) {
      LogProbs.backward(
          it.logits().row(row),
          it.ids().getLong(row),
          it.temperature(),
          logSumExps[row],
          loss.terms().gradient().get(row),
          0,
          0);
    }
  }
}
