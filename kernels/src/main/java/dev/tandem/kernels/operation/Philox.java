package dev.tandem.kernels.operation;

/**
 * Philox4x32-10, a counter-based generator: four words of 32 bits are a function of a counter of
 * 128 bits and a key of 64, and nothing has to be remembered (Salmon et al., "Parallel random
 * numbers: as easy as 1, 2, 3", SC11).
 *
 * <p>Samplers use the counter {@code (block, stream, position low, position high)} and the key
 * {@code (seed low, seed high)}. A round keeps two products of 64 bits, so a block costs 20
 * multiplications.
 */
public final class Philox {
  /** The stream of one number per row. */
  public static final int INVERSE_CDF_STREAM = 0;

  /** The stream of one number per vocabulary entry. */
  public static final int GUMBEL_STREAM = 1;

  /** Rounds of mixing. */
  public static final int ROUNDS = 10;

  /** Multiplier of the first word of the counter. */
  public static final long MULTIPLIER_0 = 0xD2511F53L;

  /** Multiplier of its third word. */
  public static final long MULTIPLIER_1 = 0xCD9E8D57L;

  /** What the first word of the key grows by in each round: the golden ratio. */
  public static final int WEYL_0 = 0x9E3779B9;

  /** What the second word of the key grows by in each round: the square root of 3, less 1. */
  public static final int WEYL_1 = 0xBB67AE85;

  private static final long LOW = 0xFFFFFFFFL;

  private Philox() {}

  /** The first two words of a block: word 0 in the lower half, word 1 in the upper. */
  public static long words01(int c0, int c1, int c2, int c3, int k0, int k1) {
    return words(c0, c1, c2, c3, k0, k1, false);
  }

  /** The last two words of a block: word 2 in the lower half, word 3 in the upper. */
  public static long words23(int c0, int c1, int c2, int c3, int k0, int k1) {
    return words(c0, c1, c2, c3, k0, k1, true);
  }

  /** Word {@code word} of a sampler's block, as an unsigned number. */
  public static long word(long seed, long position, int stream, int block, int word) {
    long pair =
        words(
            block,
            stream,
            (int) position,
            (int) (position >>> 32),
            (int) seed,
            (int) (seed >>> 32),
            word >= 2);
    return (word & 1) == 0 ? pair & LOW : pair >>> 32;
  }

  /** A sampler's number in [0, 1) for the inverse CDF: 53 bits of words 0 (lower) and 1 (upper). */
  public static double uniform(long seed, long position) {
    long words =
        words01(
            0,
            INVERSE_CDF_STREAM,
            (int) position,
            (int) (position >>> 32),
            (int) seed,
            (int) (seed >>> 32));
    return (words >>> 11) * 0x1p-53;
  }

  /** A sampler's number in (0, 1) for a vocabulary entry's Gumbel noise. */
  public static double openUniform(long seed, long position, int id) {
    return (word(seed, position, GUMBEL_STREAM, id >>> 2, id & 3) + 0.5) * 0x1p-32;
  }

  private static long words(int c0, int c1, int c2, int c3, int k0, int k1, boolean last) {
    for (int round = 0; round < ROUNDS; round++) {
      long product0 = MULTIPLIER_0 * (c0 & LOW);
      long product1 = MULTIPLIER_1 * (c2 & LOW);
      c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
      c1 = (int) product1;
      c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
      c3 = (int) product0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    return last ? (c2 & LOW) | ((long) c3 << 32) : (c0 & LOW) | ((long) c1 << 32);
  }
}
