package dev.tandem.trainer.model.sampling;

import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.torch.CacheBudget;
import dev.tandem.trainer.model.torch.Execution;

/**
 * How a running batch uses its machine. Apart from rounding, no response depends on any of this.
 *
 * @param lanes most batches that run side by side, each with a cache of its own; a constant and not
 *     the number of workers, so that equal requests give equal bits whatever the machine
 * @param slots most sequences at once, over all lanes
 * @param cacheBytes most memory of the caches, over all lanes; a lane always holds at least one
 *     sequence
 * @param leaveShare share of a lane's sequences that must have ended before its batch stops for
 *     waiting ones to join, above 0; at 1 a batch runs to its end
 * @param leastShared shortest prefix, in tokens, that is worth copying
 * @param tokensBetweenLooks how many tokens are sampled before a look at which sequences have
 *     ended; what an ended one is given meanwhile is dropped
 */
public record SamplingLimits(
    int lanes,
    int slots,
    long cacheBytes,
    double leaveShare,
    int leastShared,
    int tokensBetweenLooks) {

  /** Leaves out the reuse of prefixes. */
  public static final int NOTHING_SHARED = Integer.MAX_VALUE;

  private static final long TINY = 2_000_000;

  /** A look waits for the device, which idles until the next step is handed to it. */
  private static final int GPU_TOKENS_BETWEEN_LOOKS = 8;

  /** Checks the ranges. */
  public SamplingLimits {
    require(lanes >= 1, "lanes", lanes);
    require(slots >= 1, "slots", slots);
    require(cacheBytes >= 1, "cacheBytes", cacheBytes);
    require(leastShared >= 1, "leastShared", leastShared);
    require(tokensBetweenLooks >= 1, "tokensBetweenLooks", tokensBetweenLooks);
    if (!(leaveShare > 0 && leaveShare <= 1)) {
      throw new IllegalArgumentException(
          "leaveShare must be above 0 and at most 1, was " + leaveShare);
    }
  }

  /** Looks after every token. */
  public SamplingLimits(int lanes, int slots, long cacheBytes, double leaveShare, int leastShared) {
    this(lanes, slots, cacheBytes, leaveShare, leastShared, /* tokensBetweenLooks= */ 1);
  }

  /**
   * A few lanes that share out a CPU's cores; on a GPU, or for a large model, one, which is the
   * more efficient the wider. A tiny model takes a step in less time than a join, so its batches
   * run to their end.
   */
  public static SamplingLimits defaults(ModelSpec spec, Execution execution) {
    return new SamplingLimits(
        execution.device().isGpu() || Execution.isLarge(spec.parameters()) ? 1 : 4,
        /* slots= */ 512,
        execution.cacheBytes() > 0 ? execution.cacheBytes() : CacheBudget.of(execution.device()),
        spec.parameters() < TINY ? 1 : 0.25,
        /* leastShared= */ 32,
        execution.device().isGpu() ? GPU_TOKENS_BETWEEN_LOOKS : 1);
  }

  private static void require(boolean holds, String name, long value) {
    if (!holds) {
      throw new IllegalArgumentException(name + " must be at least 1, was " + value);
    }
  }
}
