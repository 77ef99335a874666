package dev.tandem.trainer.grpo;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Which rows of a batch make up one sequence, where a sequence is longer than a row: the turns of a
 * trajectory.
 *
 * @param ofRow {@code [rows]} number of the sequence that a row is a part of
 * @param tokens {@code [rows]} trained tokens of that whole sequence, those in other microbatches
 *     included
 */
@SuppressWarnings("ArrayRecordComponent") // lives as long as its batch
public record RowSequences(int[] ofRow, long[] tokens) {
  /** Checks that the lengths agree. */
  public RowSequences {
    PolicyBatch.requireLength("tokens", tokens.length, ofRow.length);
  }

  /**
   * The sequences of a batch that holds all of their rows.
   *
   * @param ofRow {@code [rows]} number of the sequence that a row is a part of
   * @param trainedTokens {@code [rows]} trained tokens of each row
   */
  public static RowSequences whole(int[] ofRow, long[] trainedTokens) {
    PolicyBatch.requireLength("trainedTokens", trainedTokens.length, ofRow.length);
    Map<Integer, Long> tokens = new HashMap<>();
    for (int row = 0; row < ofRow.length; row++) {
      tokens.merge(ofRow[row], trainedTokens[row], Long::sum);
    }
    return new RowSequences(
        ofRow,
        Arrays.stream(ofRow).mapToLong(sequence -> tokens.getOrDefault(sequence, 0L)).toArray());
  }

  RowSequences slice(int fromRow, int toRow) {
    return new RowSequences(
        Arrays.copyOfRange(ofRow, fromRow, toRow), Arrays.copyOfRange(tokens, fromRow, toRow));
  }
}
