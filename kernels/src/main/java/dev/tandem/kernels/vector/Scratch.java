package dev.tandem.kernels.vector;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Working memory of one thread, kept from call to call so that calls allocate nothing. */
final class Scratch {
  /** Logits that are worked on at once: 4 KB of float32, well within the nearest cache. */
  static final int BLOCK = 1024;

  private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);
  private static final int DIGIT_VALUES = 256;

  /** A block of logits as F32. */
  final MemorySegment block = Arena.ofAuto().allocate((long) BLOCK * Float.BYTES, Long.BYTES);

  /** One sum per lane. */
  final double[] sums = new double[Lanes.WIDTH];

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
