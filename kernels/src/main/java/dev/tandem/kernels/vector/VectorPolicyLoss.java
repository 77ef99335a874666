package dev.tandem.kernels.vector;

import static dev.tandem.kernels.operation.ClippedPolicyLoss.MAX_LOG_RATIO;
import static dev.tandem.kernels.vector.Lanes.WIDTH;
import static dev.tandem.kernels.vector.VectorMath.DOUBLES;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import dev.tandem.kernels.operation.ClipBounds;
import dev.tandem.kernels.operation.ClippedPolicyLoss;
import dev.tandem.kernels.operation.FusedPolicyLoss;
import dev.tandem.kernels.operation.ImportanceWeights;
import dev.tandem.kernels.operation.KlEstimator;
import dev.tandem.kernels.operation.PolicySum;
import dev.tandem.kernels.operation.PolicyTerms;
import dev.tandem.kernels.operation.PolicyTokens;
import dev.tandem.kernels.operation.Values;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import org.jspecify.annotations.Nullable;

/**
 * {@link ClippedPolicyLoss}, alone and fused, and {@link ImportanceWeights}: block by block, column
 * by column, in float64. Blends rather than products drop what is masked, because 0 times NaN is
 * NaN.
 */
final class VectorPolicyLoss {
  private static final PolicySum[] SUMS = PolicySum.values();

  private VectorPolicyLoss() {}

  static void run(ClippedPolicyLoss it) {
    run(it, null, Scratch.TOKENS);
  }

  /** A few rows go all the way before the next, to be met in the cache. */
  static void fused(FusedPolicyLoss it) {
    run(it.loss(), it, WIDTH);
  }

  private static void run(ClippedPolicyLoss it, @Nullable FusedPolicyLoss fused, int step) {
    Scratch scratch = Scratch.get();
    for (double[] total : scratch.totals) {
      Arrays.fill(total, 0);
    }
    long clippedTokens = 0;
    for (long from = 0; from < it.tokens().size(); from += step) {
      int count = (int) Math.min(step, it.tokens().size() - from);
      if (fused != null) {
        LogProbs.forward(fused, from, from + count, scratch);
      }
      clippedTokens += block(it, from, count, scratch);
      if (fused != null) {
        LogProbs.backward(fused, from, from + count, scratch);
      }
    }
    Values sums = it.terms().sums();
    for (PolicySum sum : SUMS) {
      sums.set(sum.index(), Lanes.sum(scratch.totals[sum.index()]));
    }
    sums.set(PolicySum.CLIPPED_TOKENS.index(), (double) clippedTokens);
    double penalty = it.kl().coefficient() * PolicySum.PENALTY.of(sums);
    sums.set(PolicySum.LOSS.index(), PolicySum.POLICY_LOSS.of(sums) + penalty);
  }

  /** Returns how many tokens were clipped. */
  private static long block(ClippedPolicyLoss it, long from, int count, Scratch scratch) {
    PolicyTokens tokens = it.tokens();
    PolicyTerms terms = it.terms();
    double[][] columns = scratch.columns;
    double[] mask = columns[0];
    double[] logProbs = columns[1];
    double[] logRatios = columns[2];
    double[] advantages = columns[3];
    double[] ratios = columns[4];
    double[] losses = columns[5];
    double[] gradient = columns[6];
    double[] kl = columns[7];
    double[] klDerivatives = columns[8];
    double[] weights = columns[9];
    double[] policyWeights = columns[10];
    double[] behaviourKl = columns[11];
    double[] distances = columns[12];
    int end = Lanes.whole(count);
    Lanes.readOrOne(tokens.mask(), from, count, mask);
    Lanes.read(it.logProbs(), from, count, logProbs);
    Lanes.read(tokens.behaviourLogProbs(), from, count, logRatios);
    Lanes.read(tokens.advantages(), from, count, advantages);
    Lanes.readOrOne(tokens.weights(), from, count, weights);
    Lanes.readOrOne(tokens.importanceWeights(), from, count, policyWeights);
    subtract(logProbs, logRatios, end);
    ratios(logRatios, ratios, end);
    estimate(KlEstimator.K3, logRatios, -1, behaviourKl, end);
    long clipped = clip(it.bounds(), mask, end, scratch);
    product(weights, policyWeights, policyWeights, end);
    product(policyWeights, gradient, gradient, end);
    if (tokens.referenceLogProbs() == null) {
      Arrays.fill(kl, 0, end, 0);
    } else {
      Lanes.read(tokens.referenceLogProbs(), from, count, distances);
      subtract(logProbs, distances, end);
      estimate(it.kl().estimator(), distances, 1, kl, end);
      if (it.kl().coefficient() != 0) {
        differentiate(it.kl().estimator(), distances, klDerivatives, end);
        addPenalty(it.kl().coefficient(), weights, klDerivatives, gradient, end);
      }
    }
    zeroOutside(mask, gradient, end);
    zeroOutside(mask, ratios, end);
    zeroOutside(mask, losses, end);
    zeroOutside(mask, kl, end);
    zeroOutside(mask, behaviourKl, end);
    Lanes.write(terms.ratios(), from, count, ratios);
    Lanes.write(terms.losses(), from, count, losses);
    Lanes.write(terms.klEstimates(), from, count, kl);
    Lanes.write(terms.gradient(), from, count, gradient);
    add(ratios, end, scratch.totals[PolicySum.RATIO.index()]);
    add(kl, end, scratch.totals[PolicySum.REFERENCE_KL.index()]);
    add(behaviourKl, end, scratch.totals[PolicySum.BEHAVIOUR_KL.index()]);
    add(mask, end, scratch.totals[PolicySum.TOKENS.index()]);
    product(policyWeights, losses, losses, end);
    zeroOutside(mask, losses, end);
    add(losses, end, scratch.totals[PolicySum.POLICY_LOSS.index()]);
    product(weights, kl, kl, end);
    zeroOutside(mask, kl, end);
    add(kl, end, scratch.totals[PolicySum.PENALTY.index()]);
    return clipped;
  }

  /** Losses and derivatives of a block, without weights. */
  private static long clip(ClipBounds bounds, double[] mask, int end, Scratch scratch) {
    double[] logRatios = scratch.columns[2];
    double[] advantages = scratch.columns[3];
    double[] ratios = scratch.columns[4];
    double[] losses = scratch.columns[5];
    double[] derivatives = scratch.columns[6];
    long clippedTokens = 0;
    for (int i = 0; i < end; i += WIDTH) {
      DoubleVector advantage = load(advantages, i);
      DoubleVector ratio = load(ratios, i);
      VectorMask<Double> negative = advantage.compare(LT, 0);
      DoubleVector lower = DoubleVector.zero(DOUBLES).blend(1 - bounds.low(), negative);
      DoubleVector upper =
          DoubleVector.broadcast(DOUBLES, 1 + bounds.high()).blend(bounds.dualClip(), negative);
      VectorMask<Double> below = ratio.compare(LT, lower);
      VectorMask<Double> above = ratio.compare(GT, upper);
      VectorMask<Double> clipped = below.or(above);
      DoubleVector cost = advantage.neg();
      cost.mul(ratio.blend(lower, below).blend(upper, above)).intoArray(losses, i);
      cost.mul(ratio).blend(0, clipped.or(beyond(load(logRatios, i)))).intoArray(derivatives, i);
      clippedTokens +=
          clipped.and(advantage.compare(NE, 0)).and(load(mask, i).compare(NE, 0)).trueCount();
    }
    return clippedTokens;
  }

  static void importanceWeights(ImportanceWeights it) {
    Scratch scratch = Scratch.get();
    double[] ratios = scratch.columns[0];
    double[] logRatios = scratch.columns[1];
    double bounded =
        switch (it.bound()) {
          case TRUNCATED -> it.cap();
          case MASKED -> 0;
        };
    for (long from = 0; from < it.weights().size(); from += Scratch.TOKENS) {
      int count = (int) Math.min(Scratch.TOKENS, it.weights().size() - from);
      int end = Lanes.whole(count);
      Lanes.read(it.trainerLogProbs(), from, count, ratios);
      Lanes.read(it.samplerLogProbs(), from, count, logRatios);
      subtract(ratios, logRatios, end);
      ratios(logRatios, ratios, end);
      bound(ratios, it.cap(), bounded, end);
      Lanes.write(it.weights(), from, count, ratios);
    }
  }

  /** What is above the cap becomes {@code bounded}. */
  private static void bound(double[] ratios, double cap, double bounded, int end) {
    for (int i = 0; i < end; i += WIDTH) {
      DoubleVector ratio = load(ratios, i);
      ratio.blend(bounded, ratio.compare(GT, cap)).intoArray(ratios, i);
    }
  }

  private static void ratios(double[] logRatios, double[] ratios, int end) {
    for (int i = 0; i < end; i += WIDTH) {
      VectorMath.exp(held(load(logRatios, i))).intoArray(ratios, i);
    }
  }

  /** The KL estimates of {@code sign * distance}. */
  private static void estimate(
      KlEstimator estimator, double[] distances, double sign, double[] estimates, int end) {
    for (int i = 0; i < end; i += WIDTH) {
      DoubleVector distance = load(distances, i).mul(sign);
      DoubleVector estimate =
          switch (estimator) {
            case K1 -> distance;
            case K2 -> distance.mul(distance).mul(0.5);
            case K3 -> {
              DoubleVector held = held(distance);
              yield VectorMath.expm1(held.neg()).add(held);
            }
          };
      estimate.intoArray(estimates, i);
    }
  }

  private static void differentiate(
      KlEstimator estimator, double[] distances, double[] derivatives, int end) {
    for (int i = 0; i < end; i += WIDTH) {
      DoubleVector distance = load(distances, i);
      DoubleVector derivative =
          switch (estimator) {
            case K1 -> DoubleVector.broadcast(DOUBLES, 1);
            case K2 -> distance;
            case K3 -> {
              VectorMask<Double> beyond = beyond(distance);
              yield VectorMath.expm1(held(distance).neg()).neg().blend(0, beyond);
            }
          };
      derivative.intoArray(derivatives, i);
    }
  }

  private static void addPenalty(
      double coefficient, double[] weights, double[] derivatives, double[] gradient, int end) {
    for (int i = 0; i < end; i += WIDTH) {
      DoubleVector pull = product(load(weights, i).mul(coefficient), load(derivatives, i));
      load(gradient, i).add(pull).intoArray(gradient, i);
    }
  }

  /** {@code b = a - b}. */
  private static void subtract(double[] a, double[] b, int end) {
    for (int i = 0; i < end; i += WIDTH) {
      load(a, i).sub(load(b, i)).intoArray(b, i);
    }
  }

  private static void product(double[] weights, double[] factors, double[] products, int end) {
    for (int i = 0; i < end; i += WIDTH) {
      product(load(weights, i), load(factors, i)).intoArray(products, i);
    }
  }

  private static void zeroOutside(double[] mask, double[] values, int end) {
    for (int i = 0; i < end; i += WIDTH) {
      load(values, i).blend(0, load(mask, i).compare(EQ, 0)).intoArray(values, i);
    }
  }

  private static void add(double[] values, int end, double[] total) {
    DoubleVector sum = load(total, 0);
    for (int i = 0; i < end; i += WIDTH) {
      sum = sum.add(load(values, i));
    }
    sum.intoArray(total, 0);
  }

  /** 0 where the weight is 0, whatever the other factor. */
  private static DoubleVector product(DoubleVector weight, DoubleVector factor) {
    return weight.mul(factor).blend(0, weight.compare(EQ, 0));
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

  private static DoubleVector load(double[] values, int i) {
    return DoubleVector.fromArray(DOUBLES, values, i);
  }
}
