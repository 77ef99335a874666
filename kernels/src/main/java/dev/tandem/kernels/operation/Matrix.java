package dev.tandem.kernels.operation;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A two-dimensional array of rows that may lie apart: a view of memory that somebody else owns and
 * keeps alive. Any alignment is welcome.
 *
 * @param segment holds the rows; what lies between them is neither read nor written
 * @param type of the elements
 * @param rows at least 0
 * @param columns at least 1
 * @param rowStride elements from the start of one row to that of the next, at least {@code columns}
 * @param place whose memory it is
 */
public record Matrix(
    MemorySegment segment,
    ArrayElement type,
    long rows,
    long columns,
    long rowStride,
    Place place) {
  /** Checks that the rows fit and do not overlap. */
  public Matrix {
    if (rows < 0 || columns < 1 || rowStride < columns) {
      throw new IllegalArgumentException(
          "a matrix needs rows >= 0, columns >= 1 and rowStride >= columns, was %d x %d with stride"
                  .formatted(rows, columns)
              + " "
              + rowStride);
    }
    long elements = rows == 0 ? 0 : Math.addExact(Math.multiplyExact(rows - 1, rowStride), columns);
    if (segment.byteSize() / type.bytes() < elements) {
      throw new IllegalArgumentException(
          "%d x %d elements of %s with stride %d need %d bytes, the segment has %d"
              .formatted(
                  rows, columns, type, rowStride, elements * type.bytes(), segment.byteSize()));
    }
  }

  /** Rows end to end in host memory. */
  public static Matrix of(MemorySegment segment, ArrayElement type, long rows, long columns) {
    return new Matrix(segment, type, rows, columns, columns, Place.HOST);
  }

  /** New zeros off the heap. */
  public static Matrix allocate(Arena arena, ArrayElement type, long rows, long columns) {
    return of(arena.allocate(rows * columns * type.bytes(), Long.BYTES), type, rows, columns);
  }

  /** Rows {@code [from, to)} as a matrix of their own, which shares the memory. */
  public Matrix slice(long from, long to) {
    Objects.checkFromToIndex(from, to, rows);
    return new Matrix(
        segment.asSlice(Math.min(from * rowStride * type.bytes(), segment.byteSize())),
        type,
        to - from,
        columns,
        rowStride,
        place);
  }

  /** One row as an array that shares the memory. */
  public Values row(long row) {
    return new Values(
        segment.asSlice(rowOffset(row), columns * type.bytes()), type, columns, place);
  }

  /** Where a row starts, in bytes from the start of the segment. */
  public long rowOffset(long row) {
    return Objects.checkIndex(row, rows) * rowStride * type.bytes();
  }
}
