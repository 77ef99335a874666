package dev.tandem.kernels.operation;

/**
 * How F32 and BF16 rows of logits are worked on in host memory, whichever backend does it: a run
 * gives the same bits on a JVM that has vectors and on one that has not.
 *
 * <p>A row is summed in blocks of {@value #BLOCK}. In a block, element i belongs to lane {@code i
 * mod 16}, and a lane adds its at most 64 elements in their order, in float32. After a block, lanes
 * j and j + 8 are added, in float64, to sum j of the row's 8; at the row's end sum 0 to sum 7 are
 * added in this order. Exponentials are taken relative to the largest logit of the first block that
 * has one; a block that exceeds that by {@link #HEADROOM} is summed again relative to its own
 * largest, after the sums so far have been scaled down.
 *
 * <p>{@link #power} stands for the exponential. It is made of single IEEE 754 operations, and a
 * vector of as many lanes as there may be does the same to each.
 */
public final class SingleRows {
  /** Logits that are summed in float32: 4 KB of them, well within the nearest cache. */
  public static final int BLOCK = 1024;

  /** Sums of a block. */
  public static final int LANES = 16;

  /** Sums of a row. */
  public static final int SUMS = LANES / 2;

  /** How far above its reference, in powers of two, an exponential may lie. */
  public static final float HEADROOM = 32;

  /** Base 2 logarithm of e. */
  public static final double LOG2_E = 1.4426950408889634;

  /** Below this, the exponent field becomes 0 and the result with it. */
  public static final float LEAST_POWER = -127;

  /** Bits of a float32 fraction. */
  public static final int FRACTION_BITS = 23;

  /** Added to x, it rounds x to a whole number, and leaves that in the lowest bits. */
  public static final float ROUNDER = 0x1.8p23f + 127;

  /** Coefficients of 2^r for r in [-1/2, 1/2], from the Chebyshev nodes; error 5e-9. */
  public static final float C1 = (float) 0.6931471880262288;

  public static final float C2 = (float) 0.24022650760568087;
  public static final float C3 = (float) 0.05550357114219124;
  public static final float C4 = (float) 0.009618082557285924;
  public static final float C5 = (float) 0.001339086336464892;
  public static final float C6 = (float) 0.0001545316294214853;

  private SingleRows() {}

  /**
   * {@code 2^(x scale)}: {@code x scale} from {@link #LEAST_POWER}, which gives exactly 0, to 127;
   * NaN stays NaN. The error is at most 2 units in the last place, and that of rounding {@code
   * scale}.
   */
  public static float power(float x, float scale) {
    float shifted = Math.fma(x, scale, ROUNDER);
    float rest = Math.fma(x, scale, ROUNDER - shifted);
    float polynomial = Math.fma(C6, rest, C5);
    polynomial = Math.fma(polynomial, rest, C4);
    polynomial = Math.fma(polynomial, rest, C3);
    polynomial = Math.fma(polynomial, rest, C2);
    polynomial = Math.fma(polynomial, rest, C1);
    polynomial = Math.fma(polynomial, rest, 1);
    return polynomial * Float.intBitsToFloat(Float.floatToRawIntBits(shifted) << FRACTION_BITS);
  }

  /** What a logit is multiplied by before {@link #power}. */
  public static float scale(double temperature) {
    return (float) (LOG2_E / temperature);
  }
}
