package dev.tandem.kernels.vector;

import static dev.tandem.kernels.operation.ClippedPolicyLoss.MAX_LOG_RATIO;
import static dev.tandem.kernels.vector.Lanes.WIDTH;
import static dev.tandem.kernels.vector.VectorMath.DOUBLES;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import dev.tandem.kernels.operation.ClippedPolicyLoss;
import dev.tandem.kernels.operation.FusedPolicyLoss;
import dev.tandem.kernels.operation.ImportanceWeights;
import dev.tandem.kernels.operation.KlEstimator;
import dev.tandem.kernels.operation.PolicySum;
import dev.tandem.kernels.operation.PolicyTerms;
import dev.tandem.kernels.operation.PolicyTokens;
import dev.tandem.kernels.operation.Values;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import org.jspecify.annotations.Nullable;

/**
 * {@link ClippedPolicyLoss} and {@link ImportanceWeights}, in float64 lanes. Blends rather than
 * products drop lanes, because 0 times NaN is NaN.
 */
final class PolicyLoss {
  private static final DoubleVector ZERO = DoubleVector.zero(DOUBLES);

  private PolicyLoss() {}

  static void run(ClippedPolicyLoss it) {
    run(it, null);
  }

  /** As many rows as there are lanes go all the way before the next, to be met in the cache. */
  static void fused(FusedPolicyLoss it) {
    run(it.loss(), it);
  }

  private static void run(ClippedPolicyLoss it, @Nullable FusedPolicyLoss fused) {
    Scratch scratch = Scratch.get();
    PolicyTokens tokens = it.tokens();
    PolicyTerms terms = it.terms();
    Values reference = tokens.referenceLogProbs();
    double coefficient = it.kl().coefficient();
    DoubleVector policyLoss = ZERO;
    DoubleVector penalty = ZERO;
    DoubleVector ratios = ZERO;
    DoubleVector behaviourKl = ZERO;
    DoubleVector referenceKl = ZERO;
    long clippedTokens = 0;
    long trained = 0;
    for (long i = 0; i < tokens.size(); i += WIDTH) {
      long end = Math.min(i + WIDTH, tokens.size());
      if (fused != null) {
        LogProbs.forward(fused, i, end, scratch);
      }
      VectorMask<Double> all = Lanes.before(tokens.size(), i);
      VectorMask<Double> in = Lanes.masked(tokens.mask(), i, all);
      DoubleVector logProb = Lanes.load(it.logProbs(), i, in);
      DoubleVector advantage = Lanes.load(tokens.advantages(), i, in);
      DoubleVector logRatio = logProb.sub(Lanes.load(tokens.behaviourLogProbs(), i, in));
      DoubleVector ratio = VectorMath.exp(held(logRatio));
      VectorMask<Double> negative = advantage.compare(LT, 0);
      DoubleVector lower = ZERO.blend(1 - it.bounds().low(), negative);
      DoubleVector upper =
          DoubleVector.broadcast(DOUBLES, 1 + it.bounds().high())
              .blend(it.bounds().dualClip(), negative);
      VectorMask<Double> below = ratio.compare(LT, lower);
      VectorMask<Double> above = ratio.compare(GT, upper);
      VectorMask<Double> clipped = below.or(above);
      VectorMask<Double> constant = clipped.or(beyond(logRatio));
      DoubleVector cost = advantage.neg();
      DoubleVector loss = cost.mul(ratio.blend(lower, below).blend(upper, above));
      DoubleVector derivative = cost.mul(ratio).blend(0, constant);

      DoubleVector weight = Lanes.loadOrOne(tokens.weights(), i, in);
      DoubleVector policyWeight =
          product(weight, Lanes.loadOrOne(tokens.importanceWeights(), i, in));
      DoubleVector gradient = product(policyWeight, derivative);
      DoubleVector kl = ZERO;
      if (reference != null) {
        DoubleVector distance = logProb.sub(Lanes.load(reference, i, in));
        kl = kl(it.kl().estimator(), distance);
        if (coefficient != 0) {
          gradient =
              gradient.add(
                  product(weight.mul(coefficient), klDerivative(it.kl().estimator(), distance)));
        }
      }
      Lanes.storeIfWanted(terms.ratios(), i, ZERO.blend(ratio, in), all);
      Lanes.storeIfWanted(terms.losses(), i, ZERO.blend(loss, in), all);
      Lanes.storeIfWanted(terms.klEstimates(), i, ZERO.blend(kl, in), all);
      Lanes.store(terms.gradient(), i, ZERO.blend(gradient, in), all);
      policyLoss = policyLoss.add(product(policyWeight, loss), in);
      penalty = penalty.add(product(weight, kl), in);
      ratios = ratios.add(ratio, in);
      behaviourKl = behaviourKl.add(kl(KlEstimator.K3, logRatio.neg()), in);
      referenceKl = referenceKl.add(kl, in);
      clippedTokens += clipped.and(advantage.compare(NE, 0)).and(in).trueCount();
      trained += in.trueCount();
      if (fused != null) {
        LogProbs.backward(fused, i, end, scratch);
      }
    }
    double[] memory = scratch.sums;
    Values sums = terms.sums();
    set(sums, PolicySum.POLICY_LOSS, Lanes.sum(policyLoss, memory));
    set(sums, PolicySum.PENALTY, Lanes.sum(penalty, memory));
    set(sums, PolicySum.RATIO, Lanes.sum(ratios, memory));
    set(sums, PolicySum.CLIPPED_TOKENS, (double) clippedTokens);
    set(sums, PolicySum.BEHAVIOUR_KL, Lanes.sum(behaviourKl, memory));
    set(sums, PolicySum.REFERENCE_KL, Lanes.sum(referenceKl, memory));
    set(sums, PolicySum.TOKENS, (double) trained);
    double total =
        PolicySum.POLICY_LOSS.of(sums) + it.kl().coefficient() * PolicySum.PENALTY.of(sums);
    set(sums, PolicySum.LOSS, total);
  }

  static void importanceWeights(ImportanceWeights it) {
    long size = it.weights().size();
    for (long i = 0; i < size; i += WIDTH) {
      VectorMask<Double> in = Lanes.before(size, i);
      DoubleVector logRatio =
          Lanes.load(it.trainerLogProbs(), i, in).sub(Lanes.load(it.samplerLogProbs(), i, in));
      DoubleVector ratio = VectorMath.exp(held(logRatio));
      double bounded =
          switch (it.bound()) {
            case TRUNCATED -> it.cap();
            case MASKED -> 0;
          };
      Lanes.store(it.weights(), i, ratio.blend(bounded, ratio.compare(GT, it.cap())), in);
    }
  }

  private static DoubleVector kl(KlEstimator estimator, DoubleVector distance) {
    return switch (estimator) {
      case K1 -> distance;
      case K2 -> distance.mul(distance).mul(0.5);
      case K3 -> {
        DoubleVector held = held(distance);
        yield VectorMath.expm1(held.neg()).add(held);
      }
    };
  }

  private static DoubleVector klDerivative(KlEstimator estimator, DoubleVector distance) {
    return switch (estimator) {
      case K1 -> DoubleVector.broadcast(DOUBLES, 1);
      case K2 -> distance;
      case K3 -> VectorMath.expm1(held(distance).neg()).neg().blend(0, beyond(distance));
    };
  }

  /** Held to the widest log-ratio; NaN stays NaN. */
  private static DoubleVector held(DoubleVector logRatio) {
    return logRatio
        .blend(-MAX_LOG_RATIO, logRatio.compare(LT, -MAX_LOG_RATIO))
        .blend(MAX_LOG_RATIO, logRatio.compare(GT, MAX_LOG_RATIO));
  }

  private static VectorMask<Double> beyond(DoubleVector logRatio) {
    return logRatio.compare(LT, -MAX_LOG_RATIO).or(logRatio.compare(GT, MAX_LOG_RATIO));
  }

  /** 0 where the weight is 0, whatever the other factor. */
  private static DoubleVector product(DoubleVector weight, DoubleVector factor) {
    return weight.mul(factor).blend(0, weight.compare(EQ, 0));
  }

  private static void set(Values sums, PolicySum sum, double value) {
    sums.set(sum.index(), value);
  }
}
