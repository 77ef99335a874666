package dev.tandem.kernels;

import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The numeric inner loops of policy-gradient training, in float64 on one thread.
 *
 * <p>{@link #best()} is what a trainer wants; {@link #scalar()} is the oracle; {@link #on} names a
 * backend and fails where the host lacks it. Every backend gives the scalar results up to rounding,
 * and the same bytes on every call on one machine. Instances are immutable and may be shared.
 */
public final class Kernels {
  private final KernelProvider provider;

  private Kernels(KernelProvider provider) {
    this.provider = provider;
  }

  /** The fastest backend this host supports, chosen and logged once. */
  public static Kernels best() {
    return Best.KERNELS;
  }

  /** Plain Java. */
  public static Kernels scalar() {
    return new Kernels(new ScalarKernels());
  }

  /**
   * The named backend.
   *
   * @throws UnsupportedBackendException if this host cannot run it
   */
  public static Kernels on(KernelBackend backend) {
    Optional<String> refusal = backend.refusal(HostCapabilities.detect());
    if (refusal.isPresent()) {
      throw new UnsupportedBackendException(backend, refusal.get());
    }
    return new Kernels(backend.provider());
  }

  /** The backend and its width, for logs and reports. */
  public String name() {
    return provider.name();
  }

  /**
   * Normalises ragged groups of values that lie end to end. A group of fewer than two members, or
   * of equal values, becomes exactly 0.
   *
   * @param values {@code [values]}
   * @param groupOffsets {@code [groups + 1]}; group g is {@code [groupOffsets[g], groupOffsets[g +
   *     1])}
   * @param how the formula
   * @param epsilon added to the standard deviation, at least 0; the other formulas do not read it
   * @param normalised {@code [values]}, written; may be {@code values} itself
   * @return how many groups became 0
   */
  public int normaliseGroups(
      double[] values,
      int[] groupOffsets,
      GroupNormalisation how,
      double epsilon,
      double[] normalised) {
    Lengths.requireOffsets(groupOffsets, values.length);
    Lengths.requireEqual("normalised", normalised.length, values.length);
    if (!(epsilon >= 0)) {
      throw new IllegalArgumentException("epsilon must be at least 0, was " + epsilon);
    }
    return provider.normaliseGroups(values, groupOffsets, how, epsilon, normalised);
  }

  /**
   * The clipped policy loss with dual clip (arXiv 1707.06347, 1912.09729), forward and derivative
   * in one pass: with {@code r = exp(clamp(logProb - behaviourLogProb, -20, 20))}, {@code max(-A r,
   * -A clip(r, 1 - low, 1 + high))}, and at most {@code -A dualClip} where A is negative.
   */
  public PolicyLossTerms clippedPolicyLoss(TokenBatch tokens, ClipBounds bounds) {
    return provider.clippedPolicyLoss(tokens, bounds);
  }

  /** Sum of the values whose mask is set; 0 when none is. */
  public double maskedSum(double[] values, boolean[] mask) {
    Lengths.requireEqual("mask", mask.length, values.length);
    return provider.maskedSum(values, mask, 0, values.length);
  }

  /** Mean of the values in {@code [from, to)} whose mask is set; 0 when none is. */
  public double maskedMean(double[] values, boolean[] mask, int from, int to) {
    Lengths.requireEqual("mask", mask.length, values.length);
    Objects.checkFromToIndex(from, to, values.length);
    int count = 0;
    for (int i = from; i < to; i++) {
      count += mask[i] ? 1 : 0;
    }
    return count == 0 ? 0 : provider.maskedSum(values, mask, from, to) / count;
  }

  /** Sum of {@code values * weights}; a value of weight 0 is skipped, even if it is NaN. */
  public double weightedSum(double[] values, double[] weights) {
    Lengths.requireEqual("weights", weights.length, values.length);
    return provider.weightedSum(values, weights);
  }

  /** Chooses on first use. */
  private static final class Best {
    private static final Logger LOG = LoggerFactory.getLogger(Kernels.class);
    private static final Kernels KERNELS = choose(HostCapabilities.detect());

    private static Kernels choose(HostCapabilities host) {
      for (KernelBackend backend : KernelBackend.values()) {
        Optional<String> refusal = backend.refusal(host);
        if (refusal.isEmpty()) {
          Kernels kernels = new Kernels(backend.provider());
          LOG.info("Kernels run on {}.", kernels.name());
          return kernels;
        }
        LOG.warn("{}", refusal.get());
      }
      throw new AssertionError("the scalar backend never refuses");
    }
  }
}
