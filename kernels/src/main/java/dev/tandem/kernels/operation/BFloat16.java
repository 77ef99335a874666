package dev.tandem.kernels.operation;

/** Conversion of single bfloat16 numbers. */
public final class BFloat16 {
  private static final int DISCARDED_BITS = 16;
  private static final int BELOW_HALF = (1 << (DISCARDED_BITS - 1)) - 1;
  private static final int QUIET = 0x40;

  private BFloat16() {}

  /**
   * The nearest bfloat16, ties to even; too large a number becomes an infinity. A NaN stays one: it
   * keeps its sign and upper bits and becomes quiet.
   */
  public static short fromFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> DISCARDED_BITS) | QUIET);
    }
    int lowestKept = (bits >>> DISCARDED_BITS) & 1;
    return (short) ((bits + BELOW_HALF + lowestKept) >>> DISCARDED_BITS);
  }

  /** The same number; exact, NaNs bit for bit. */
  public static float toFloat(short value) {
    return Float.intBitsToFloat(value << DISCARDED_BITS);
  }
}
