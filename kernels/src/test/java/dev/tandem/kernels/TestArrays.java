package dev.tandem.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.kernels.operation.ArrayElement;
import dev.tandem.kernels.operation.Matrix;
import dev.tandem.kernels.operation.Place;
import dev.tandem.kernels.operation.Values;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.LongToDoubleFunction;

/**
 * Arrays as unkind as callers may make them: an odd number of bytes off any alignment, rows apart
 * with NaN between them, outputs full of what must be overwritten.
 */
final class TestArrays implements AutoCloseable {
  private static final double POISON = -12345;
  private static final int GAP = 3;

  private final Arena arena = Arena.ofConfined();

  /** An input off any alignment. */
  Values input(ArrayElement type, long size, LongToDoubleFunction value) {
    MemorySegment segment = arena.allocate(size * type.bytes() + 1).asSlice(1);
    Values values = new Values(segment, type, size, Place.HOST);
    for (long i = 0; i < size; i++) {
      values.set(i, value.applyAsDouble(i));
    }
    return values;
  }

  Values input(ArrayElement type, double[] values) {
    return input(type, values.length, i -> values[(int) i]);
  }

  Values ints(int... values) {
    return input(ArrayElement.I32, values.length, i -> values[(int) i]);
  }

  Values mask(long size, LongToDoubleFunction value) {
    return input(ArrayElement.BOOL, size, value);
  }

  /** An array to be written, full of something else. */
  Values output(ArrayElement type, long size) {
    return input(type, size, i -> POISON);
  }

  /** Rows apart, with NaN between them. */
  Matrix matrix(ArrayElement type, long rows, long columns, LongToDoubleFunction value) {
    long stride = columns + GAP;
    Values all = input(type, rows * stride, i -> Double.NaN);
    Matrix matrix = new Matrix(all.segment(), type, rows, columns, stride, Place.HOST);
    for (long row = 0; row < rows; row++) {
      for (long column = 0; column < columns; column++) {
        matrix.row(row).set(column, value.applyAsDouble(row * columns + column));
      }
    }
    return matrix;
  }

  /** The same numbers in another type, or the same. */
  Matrix copy(Matrix matrix, ArrayElement type) {
    return matrix(
        type,
        matrix.rows(),
        matrix.columns(),
        i -> matrix.row(i / matrix.columns()).get(i % matrix.columns()));
  }

  Values copy(Values values) {
    return input(values.type(), values.size(), values::get);
  }

  /** Between the rows there is still NaN. */
  static void assertGapsUntouched(Matrix matrix) {
    Values all = Values.of(matrix.segment(), matrix.type());
    for (long row = 0; row < matrix.rows(); row++) {
      for (long gap = matrix.columns(); gap < matrix.rowStride(); gap++) {
        assertThat(all.get(row * matrix.rowStride() + gap)).isNaN();
      }
    }
  }

  static double[] doubles(Values values) {
    double[] doubles = new double[(int) values.size()];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = values.get(i);
    }
    return doubles;
  }

  /**
   * Every element within a tolerance relative to the larger of the expected value and 1; NaN and
   * infinities exactly.
   */
  static void assertClose(Values actual, Values expected, double tolerance) {
    assertThat(actual.size()).isEqualTo(expected.size());
    for (long i = 0; i < expected.size(); i++) {
      assertClose("element " + i, actual.get(i), expected.get(i), tolerance);
    }
  }

  static void assertClose(Matrix actual, Matrix expected, double tolerance) {
    for (long row = 0; row < expected.rows(); row++) {
      assertClose(actual.row(row), expected.row(row), tolerance);
    }
  }

  static void assertClose(String what, double actual, double expected, double tolerance) {
    if (Double.isFinite(expected)) {
      double scale = Math.max(1, Math.abs(expected));
      assertThat(Math.abs(actual - expected)).as(what).isLessThanOrEqualTo(tolerance * scale);
    } else {
      assertThat(Double.valueOf(actual)).as(what).isEqualTo(Double.valueOf(expected));
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
