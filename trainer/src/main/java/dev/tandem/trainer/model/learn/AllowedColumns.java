package dev.tandem.trainer.model.learn;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Which ids a chunk's tokens have logits of. Where records are constrained those are the ids that
 * any of them allows, so that the head's other rows are not multiplied with at all, and what a
 * token itself does not allow is made impossible.
 *
 * @param ids ascending; none where all have logits
 * @param targets [tokens] each token's column
 * @param allowed [tokens] the columns that each token was chosen from; none where all were free
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record AllowedColumns(int[] ids, int[] targets, int[][] allowed) {

  /**
   * @param targets [tokens] the tokens' ids
   * @param allowed [tokens] the ids that each was chosen from; none where all were free
   */
  static AllowedColumns of(int[] targets, int[][] allowed) {
    if (allowed.length == 0) {
      return new AllowedColumns(new int[0], targets, allowed);
    }
    int[] ids = Arrays.stream(allowed).flatMapToInt(Arrays::stream).sorted().distinct().toArray();
    return new AllowedColumns(
        ids,
        columns(ids, targets),
        Arrays.stream(allowed).map(one -> columns(ids, one)).toArray(int[][]::new));
  }

  private static int[] columns(int[] ids, int[] of) {
    return IntStream.of(of).map(id -> Arrays.binarySearch(ids, id)).toArray();
  }

  /**
   * Makes what a token does not allow impossible.
   *
   * @param logits float32 of the tokens from {@code from} on, row by row
   */
  void forbid(MemorySegment logits, int from, int to) {
    if (allowed.length == 0) {
      return;
    }
    float[] row = new float[ids.length];
    Arrays.fill(row, Float.NEGATIVE_INFINITY);
    for (int token = from; token < to; token++) {
      long start = (long) (token - from) * row.length * Float.BYTES;
      for (int column : allowed[token]) {
        row[column] = logits.get(ValueLayout.JAVA_FLOAT, start + (long) column * Float.BYTES);
      }
      MemorySegment.copy(row, 0, logits, ValueLayout.JAVA_FLOAT, start, row.length);
      for (int column : allowed[token]) {
        row[column] = Float.NEGATIVE_INFINITY;
      }
    }
  }
}
