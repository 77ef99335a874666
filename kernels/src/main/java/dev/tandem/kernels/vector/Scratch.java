package dev.tandem.kernels.vector;

import dev.tandem.kernels.operation.PolicySum;
import dev.tandem.kernels.operation.SingleRows;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Working memory of one thread, kept from call to call so that calls allocate nothing. */
final class Scratch {
  private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);
  private static final int DIGIT_VALUES = 256;

  /** Tokens that are worked on at once: all columns of them fit into the nearest cache. */
  static final int TOKENS = 128;

  private static final int COLUMNS = 14;

  /** Figures of a block of tokens, one array each. */
  final double[][] columns = new double[COLUMNS][TOKENS];

  /** The sums of a block's exponentials. */
  final float[] lanes = new float[SingleRows.LANES];

  /** The sums of a block's exponentials times distances. */
  final float[] productLanes = new float[SingleRows.LANES];

  /** Random words, one array per word of a block. */
  final long[][] words = new long[4][Lanes.WIDTH];

  /** A block of logits as F32. */
  final MemorySegment block =
      Arena.ofAuto().allocate((long) SingleRows.BLOCK * Float.BYTES, Long.BYTES);

  /** The sums of a row's exponentials. */
  final double[] rowSums = new double[SingleRows.SUMS];

  /** The sums of a row's exponentials times distances. */
  final double[] rowProducts = new double[SingleRows.SUMS];

  /** One sum per lane. */
  final double[] sums = new double[Lanes.WIDTH];

  /** One sum per lane for each of the sums over tokens. */
  final double[][] totals = new double[PolicySum.COUNT][Lanes.WIDTH];

  /** One sum of exponentials times distances per lane. */
  final double[] products = new double[Lanes.WIDTH];

  /** One figure for each of the rows that a step of a loop over tokens covers. */
  final double[] logSumExps = new double[Lanes.WIDTH];

  /** One weight per value of a digit. */
  final double[] histogram = new double[DIGIT_VALUES];

  /** What exponentials of the last row were taken relative to. */
  double maximum;

  /** The row's exponentials, as a sum. */
  double sum;

  /** The row's exponentials times distances to the maximum, as a sum. */
  double product;

  private double[] scaled = {};
  private int[] candidates = {};

  static Scratch get() {
    return OF_THREAD.get();
  }

  /** An array of at least so many scaled logits. */
  double[] scaled(int size) {
    if (scaled.length < size) {
      scaled = new double[size];
    }
    return scaled;
  }

  /** An array of at least so many token ids. */
  int[] candidates(int size) {
    if (candidates.length < size) {
      candidates = new int[size];
    }
    return candidates;
  }
}
