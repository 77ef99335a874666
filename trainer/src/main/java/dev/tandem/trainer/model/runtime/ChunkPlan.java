package dev.tandem.trainer.model.runtime;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Cuts a ragged batch into chunks of rows of similar length.
 *
 * <p>The cut depends on rows and order alone, so equal batches are always cut alike. Sizes are
 * rounded up to few distinct values: the CPU's matrix library compiles a kernel for every new
 * shape, which costs more than the padding.
 */
public final class ChunkPlan {

  /**
   * How many chunks a batch of moderate size becomes; a constant, so that results don't depend on
   * the workers.
   */
  private static final int SHARES = 4;

  /** Not worth cutting. */
  private static final int FEW_TOKENS = 512;

  /** How much larger than a packed chunk its attention's grid may be: lengths differ. */
  private static final int GRID_SLACK = 2;

  private static final int LENGTH_STEP = 8;
  private static final int ROW_STEP = 8;
  private static final int TOKEN_STEP = 64;

  private ChunkPlan() {}

  /**
   * Returns the rows of each chunk, longest rows first, for rows that are padded to the longest of
   * their chunk.
   *
   * @param rows number of rows in the batch
   * @param length length of a row
   * @param group rows where this differs never share a chunk
   * @param chunkTokens most tokens in a chunk, unless one row alone has more; small batches are cut
   *     finer, so that several workers have something to do
   * @param whole whether a small batch stays whole
   */
  static List<int[]> padded(
      int rows, IntUnaryOperator length, IntPredicate group, int chunkTokens, boolean whole) {
    int[] order =
        IntStream.range(0, rows)
            .boxed()
            .sorted(
                Comparator.<Integer, Boolean>comparing(group::test)
                    .thenComparing(Comparator.<Integer>comparingInt(length::applyAsInt).reversed()))
            .mapToInt(Integer::intValue)
            .toArray();
    long tokens = IntStream.range(0, rows).mapToLong(length::applyAsInt).sum();
    List<int[]> chunks = new ArrayList<>();
    int start = 0;
    while (start < rows) {
      boolean ofGroup = group.test(order[start]);
      long longest = paddedLength(length.applyAsInt(order[start]));
      int end = start;
      while (end < rows
          && group.test(order[end]) == ofGroup
          && (end == start || longest * (end + 1 - start) <= limit(tokens, chunkTokens, whole))) {
        end++;
      }
      chunks.add(Arrays.copyOfRange(order, start, end));
      start = end;
    }
    return chunks;
  }

  /**
   * The same for rows that follow each other without gaps, and of which those that begin alike have
   * that in common; these stay together as far as they fit.
   *
   * @param rows what each row reads
   */
  static List<int[]> packed(List<int[]> rows, IntPredicate group, int chunkTokens, boolean whole) {
    int[] order =
        Stream.of(false, true)
            .flatMapToInt(
                ofGroup ->
                    TokenTree.walk(
                        rows,
                        IntStream.range(0, rows.size())
                            .filter(i -> group.test(i) == ofGroup)
                            .toArray()))
            .toArray();
    long limit = limit(TokenTree.size(rows), chunkTokens, whole);
    List<int[]> chunks = new ArrayList<>();
    int start = 0;
    while (start < order.length) {
      boolean ofGroup = group.test(order[start]);
      TokenTree chunk = new TokenTree();
      long longest = 0;
      int end = start;
      while (end < order.length && group.test(order[end]) == ofGroup) {
        int[] row = rows.get(order[end]);
        longest = Math.max(longest, paddedLength(row.length));
        chunk.add(row);
        long grid = longest * (end + 1 - start);
        if (end > start && (chunk.size() > limit || grid > GRID_SLACK * limit)) {
          break;
        }
        end++;
      }
      chunks.add(Arrays.copyOfRange(order, start, end));
      start = end;
    }
    return chunks;
  }

  private static long limit(long tokens, int chunkTokens, boolean whole) {
    return whole
        ? chunkTokens
        : Math.min(chunkTokens, Math.max(FEW_TOKENS, Math.ceilDiv(tokens, SHARES)));
  }

  public static int paddedLength(int length) {
    return roundUp(length, LENGTH_STEP);
  }

  /** Few rows go to the next power of two, so that a single row stays single. */
  public static int paddedRows(int rows) {
    return rows >= ROW_STEP
        ? roundUp(rows, ROW_STEP)
        : Integer.highestOneBit(Math.max(1, 2 * rows - 1));
  }

  public static int paddedTokens(int tokens) {
    return tokens >= TOKEN_STEP ? roundUp(tokens, TOKEN_STEP) : paddedRows(tokens);
  }

  private static int roundUp(int value, int step) {
    return Math.ceilDiv(value, step) * step;
  }
}
