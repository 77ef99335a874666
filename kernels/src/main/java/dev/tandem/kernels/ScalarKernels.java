package dev.tandem.kernels;

import java.util.Arrays;

/**
 * Plain Java: the oracle for every other backend, and the tail of the Vector API one.
 *
 * <p>The clipped loss {@code max(-A r, -A clip(r, 1 - low, 1 + high))}, at most {@code -A c} for
 * {@code A < 0}, is {@code -A} times the ratio held to an interval that depends on the sign of A
 * alone: {@code [0, 1 + high]} for a gain, {@code [1 - low, c]} for a loss. Inside it the
 * derivative with respect to the log-probability is {@code -A r}, outside it is 0.
 */
final class ScalarKernels implements KernelProvider {
  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public int normaliseGroups(
      double[] values,
      int[] groupOffsets,
      GroupNormalisation how,
      double epsilon,
      double[] normalised) {
    int withoutSignal = 0;
    for (int group = 0; group + 1 < groupOffsets.length; group++) {
      int from = groupOffsets[group];
      int to = groupOffsets[group + 1];
      double sum = 0;
      double least = Double.POSITIVE_INFINITY;
      double greatest = Double.NEGATIVE_INFINITY;
      for (int i = from; i < to; i++) {
        sum += values[i];
        least = Math.min(least, values[i]);
        greatest = Math.max(greatest, values[i]);
      }
      if (withoutSignal(to - from, least, greatest)) {
        withoutSignal++;
        Arrays.fill(normalised, from, to, 0);
        continue;
      }
      double mean = sum / (to - from);
      double squares = 0;
      for (int i = from; i < to; i++) {
        squares += (values[i] - mean) * (values[i] - mean);
      }
      double scale = scale(how, to - from, squares, epsilon);
      for (int i = from; i < to; i++) {
        normalised[i] = (values[i] - mean) * scale;
      }
    }
    return withoutSignal;
  }

  /**
   * Whether a group says nothing about its members. Equality is asked of the values, not of a
   * computed variance: rounding in the mean of equal values would leave a variance that is not
   * quite zero.
   */
  static boolean withoutSignal(int members, double least, double greatest) {
    return members < 2 || least == greatest;
  }

  /** What a deviation from the mean is multiplied by, in a group of at least two. */
  static double scale(
      GroupNormalisation how, int members, double sumOfSquaredDeviations, double epsilon) {
    return switch (how) {
      case MEAN_STD -> 1 / (Math.sqrt(sumOfSquaredDeviations / (members - 1)) + epsilon);
      case MEAN -> 1;
      case LEAVE_ONE_OUT -> (double) members / (members - 1);
    };
  }

  @Override
  public PolicyLossTerms clippedPolicyLoss(TokenBatch tokens, ClipBounds bounds) {
    int size = tokens.size();
    double[] ratios = new double[size];
    double[] losses = new double[size];
    double[] derivatives = new double[size];
    long clipped = clippedPolicyLoss(tokens, bounds, 0, ratios, losses, derivatives);
    return new PolicyLossTerms(ratios, losses, derivatives, clipped);
  }

  /**
   * Fills the three outputs from token {@code from} on; returns how many of those tokens were
   * clipped.
   */
  static long clippedPolicyLoss(
      TokenBatch tokens,
      ClipBounds bounds,
      int from,
      double[] ratios,
      double[] losses,
      double[] derivatives) {
    long clippedTokens = 0;
    for (int token = from; token < tokens.size(); token++) {
      if (!tokens.mask()[token]) {
        continue;
      }
      double advantage = tokens.advantages()[token];
      double logRatio = tokens.logProbs()[token] - tokens.behaviourLogProbs()[token];
      double ratio = Math.exp(Math.min(Math.max(logRatio, -MAX_LOG_RATIO), MAX_LOG_RATIO));
      double lower = advantage < 0 ? 1 - bounds.low() : 0;
      double upper = advantage < 0 ? bounds.dualClip() : 1 + bounds.high();
      boolean clipped = ratio < lower || ratio > upper;
      boolean constant = logRatio < -MAX_LOG_RATIO || logRatio > MAX_LOG_RATIO;
      ratios[token] = ratio;
      losses[token] = -advantage * Math.min(Math.max(ratio, lower), upper);
      derivatives[token] = clipped || constant ? 0 : -advantage * ratio;
      clippedTokens += clipped && advantage != 0 ? 1 : 0;
    }
    return clippedTokens;
  }

  @Override
  public double maskedSum(double[] values, boolean[] mask, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += mask[i] ? values[i] : 0;
    }
    return sum;
  }

  @Override
  public double weightedSum(double[] values, double[] weights) {
    return weightedSum(values, weights, 0);
  }

  static double weightedSum(double[] values, double[] weights, int from) {
    double sum = 0;
    for (int i = from; i < values.length; i++) {
      sum += weights[i] != 0 ? weights[i] * values[i] : 0;
    }
    return sum;
  }
}
