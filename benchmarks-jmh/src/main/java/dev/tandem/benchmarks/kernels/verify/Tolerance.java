package dev.tandem.benchmarks.kernels.verify;

import dev.tandem.kernels.operation.ArrayElement;

/**
 * How far a number may be from the oracle's.
 *
 * @param relative to the oracle's magnitude
 * @param absolute in addition
 */
record Tolerance(double relative, double absolute) {
  /** Bit for bit, but for the payload of NaN. */
  static final Tolerance EXACT = new Tolerance(0, 0);

  private static final double F32 = 2e-6;
  private static final double F64 = 1e-12;
  private static final double BF16 = 1.0 / 128;

  /** For results of a type that were summed over that many terms by a tree or in blocks. */
  static Tolerance of(ArrayElement type, long terms) {
    double depth = 1 + Math.log(1.0 + terms) / Math.log(2);
    return switch (type) {
      case F32 -> new Tolerance(F32 * depth, F32 * depth);
      case F64 -> new Tolerance(F64 * depth, F64 * depth);
      case BF16 -> new Tolerance(BF16, F32 * depth);
      case I32, I64, BOOL -> EXACT;
    };
  }

  /**
   * The share of the tolerance that a difference takes: at most 1 is good, infinity for a number
   * where none should be or the other way round.
   */
  double shareOf(double got, double wanted) {
    if ((Double.isNaN(wanted) && Double.isNaN(got)) || got == wanted) {
      return 0;
    }
    double difference = Math.abs(got - wanted);
    if (!Double.isFinite(difference)) {
      return Double.POSITIVE_INFINITY;
    }
    return difference / (absolute + relative * Math.abs(wanted));
  }
}
