package dev.tandem.kernels;

import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.EXP;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.MIN;
import static jdk.incubator.vector.VectorOperators.NE;

import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * float64 lanes of the Vector API. Loading this class needs the module {@code
 * jdk.incubator.vector}: only {@link HostCapabilities} and {@link KernelBackend} refer to it, after
 * having looked for the module.
 *
 * <p>Blends rather than products drop masked lanes, because 0 times NaN is NaN. {@code EXP} is
 * accurate to 1 ulp, where {@link Math#exp} is too, so that ratios may differ from the oracle's in
 * the last digit.
 */
final class VectorApiKernels implements KernelProvider {
  private static final VectorSpecies<Double> SPECIES = DoubleVector.SPECIES_PREFERRED;

  private final ScalarKernels scalar = new ScalarKernels();

  static int lanes() {
    return SPECIES.length();
  }

  @Override
  public String name() {
    return "vector-api float64x" + lanes();
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
      withoutSignal +=
          normaliseGroup(
              values, groupOffsets[group], groupOffsets[group + 1], how, epsilon, normalised);
    }
    return withoutSignal;
  }

  /** Returns 1 when the group gives no signal, else 0. */
  private static int normaliseGroup(
      double[] values,
      int from,
      int to,
      GroupNormalisation how,
      double epsilon,
      double[] normalised) {
    int bound = from + SPECIES.loopBound(to - from);
    DoubleVector sums = DoubleVector.zero(SPECIES);
    DoubleVector leasts = DoubleVector.broadcast(SPECIES, Double.POSITIVE_INFINITY);
    DoubleVector greatests = DoubleVector.broadcast(SPECIES, Double.NEGATIVE_INFINITY);
    for (int i = from; i < bound; i += lanes()) {
      DoubleVector lane = DoubleVector.fromArray(SPECIES, values, i);
      sums = sums.add(lane);
      leasts = leasts.min(lane);
      greatests = greatests.max(lane);
    }
    double sum = sums.reduceLanes(ADD);
    double least = leasts.reduceLanes(MIN);
    double greatest = greatests.reduceLanes(MAX);
    for (int i = bound; i < to; i++) {
      sum += values[i];
      least = Math.min(least, values[i]);
      greatest = Math.max(greatest, values[i]);
    }
    if (ScalarKernels.withoutSignal(to - from, least, greatest)) {
      Arrays.fill(normalised, from, to, 0);
      return 1;
    }
    double mean = sum / (to - from);
    DoubleVector squareSums = DoubleVector.zero(SPECIES);
    for (int i = from; i < bound; i += lanes()) {
      DoubleVector deviation = DoubleVector.fromArray(SPECIES, values, i).sub(mean);
      squareSums = deviation.fma(deviation, squareSums);
    }
    double squares = squareSums.reduceLanes(ADD);
    for (int i = bound; i < to; i++) {
      squares += (values[i] - mean) * (values[i] - mean);
    }
    double scale = ScalarKernels.scale(how, to - from, squares, epsilon);
    for (int i = from; i < bound; i += lanes()) {
      DoubleVector.fromArray(SPECIES, values, i).sub(mean).mul(scale).intoArray(normalised, i);
    }
    for (int i = bound; i < to; i++) {
      normalised[i] = (values[i] - mean) * scale;
    }
    return 0;
  }

  @Override
  public PolicyLossTerms clippedPolicyLoss(TokenBatch tokens, ClipBounds bounds) {
    int size = tokens.size();
    double[] ratios = new double[size];
    double[] losses = new double[size];
    double[] derivatives = new double[size];
    DoubleVector lowerForLoss = DoubleVector.broadcast(SPECIES, 1 - bounds.low());
    DoubleVector upperForLoss = DoubleVector.broadcast(SPECIES, bounds.dualClip());
    DoubleVector lowerForGain = DoubleVector.zero(SPECIES);
    DoubleVector upperForGain = DoubleVector.broadcast(SPECIES, 1 + bounds.high());
    long clippedTokens = 0;
    int token = 0;
    for (; token < SPECIES.loopBound(size); token += lanes()) {
      VectorMask<Double> masked = VectorMask.fromArray(SPECIES, tokens.mask(), token).not();
      DoubleVector advantage = DoubleVector.fromArray(SPECIES, tokens.advantages(), token);
      DoubleVector logRatio =
          DoubleVector.fromArray(SPECIES, tokens.logProbs(), token)
              .sub(DoubleVector.fromArray(SPECIES, tokens.behaviourLogProbs(), token));
      DoubleVector ratio = logRatio.max(-MAX_LOG_RATIO).min(MAX_LOG_RATIO).lanewise(EXP);
      VectorMask<Double> loss = advantage.compare(LT, 0);
      DoubleVector lower = lowerForGain.blend(lowerForLoss, loss);
      DoubleVector upper = upperForGain.blend(upperForLoss, loss);
      VectorMask<Double> clipped = ratio.compare(LT, lower).or(ratio.compare(GT, upper));
      VectorMask<Double> constant =
          logRatio.compare(LT, -MAX_LOG_RATIO).or(logRatio.compare(GT, MAX_LOG_RATIO));
      DoubleVector cost = advantage.neg();
      ratio.blend(0, masked).intoArray(ratios, token);
      cost.mul(ratio.max(lower).min(upper)).blend(0, masked).intoArray(losses, token);
      cost.mul(ratio).blend(0, masked.or(clipped).or(constant)).intoArray(derivatives, token);
      clippedTokens += clipped.and(advantage.compare(NE, 0)).andNot(masked).trueCount();
    }
    clippedTokens +=
        ScalarKernels.clippedPolicyLoss(tokens, bounds, token, ratios, losses, derivatives);
    return new PolicyLossTerms(ratios, losses, derivatives, clippedTokens);
  }

  @Override
  public double maskedSum(double[] values, boolean[] mask, int from, int to) {
    int bound = from + SPECIES.loopBound(to - from);
    DoubleVector sums = DoubleVector.zero(SPECIES);
    for (int i = from; i < bound; i += lanes()) {
      VectorMask<Double> masked = VectorMask.fromArray(SPECIES, mask, i).not();
      sums = sums.add(DoubleVector.fromArray(SPECIES, values, i).blend(0, masked));
    }
    return sums.reduceLanes(ADD) + scalar.maskedSum(values, mask, bound, to);
  }

  @Override
  public double weightedSum(double[] values, double[] weights) {
    int bound = SPECIES.loopBound(values.length);
    DoubleVector sums = DoubleVector.zero(SPECIES);
    for (int i = 0; i < bound; i += lanes()) {
      DoubleVector weight = DoubleVector.fromArray(SPECIES, weights, i);
      DoubleVector product = DoubleVector.fromArray(SPECIES, values, i).mul(weight);
      sums = sums.add(product.blend(0, weight.eq(0)));
    }
    return sums.reduceLanes(ADD) + ScalarKernels.weightedSum(values, weights, bound);
  }
}
