package dev.tandem.trainer.grpo;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of a batch, to be looked at some at a time before the log-probabilities of all are
 * known. For objectives in which a token's derivative depends on no other token.
 */
public final class BatchTokens {
  private final PolicyBatch batch;
  private final int[] rowOfToken;
  private final RowSequences sequences;

  /**
   * @param batch of whole rows; its log-probabilities and entropies are not read
   */
  public BatchTokens(PolicyBatch batch) {
    this.batch = batch;
    int rows = batch.rows();
    rowOfToken = new int[batch.tokens()];
    for (int row = 0; row < rows; row++) {
      Arrays.fill(rowOfToken, batch.rowStart(row), batch.rowEnd(row), row);
    }
    RowSequences given = batch.sequences();
    sequences =
        given == null
            ? new RowSequences(
                IntStream.range(0, rows).toArray(),
                IntStream.range(0, rows).mapToLong(batch::trainedTokens).toArray())
            : given;
  }

  /**
   * Some tokens, each a row of its own that is a part of the sequence that its row is a part of.
   *
   * @param tokens [n] numbers of tokens of the batch
   * @param logProbs [n] under the policy being trained
   * @param entropies [n] of that policy
   */
  public PolicyBatch some(int[] tokens, double[] logProbs, double[] entropies) {
    int[] rows = IntStream.of(tokens).map(token -> rowOfToken[token]).toArray();
    boolean[] trained = batch.trained();
    boolean[] mask = new boolean[tokens.length];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = trained[tokens[i]];
    }
    return new PolicyBatch(
        IntStream.rangeClosed(0, tokens.length).toArray(),
        logProbs,
        picked(batch.behaviourLogProbs(), tokens),
        pickedIfGiven(batch.referenceLogProbs(), tokens),
        picked(batch.advantages(), rows),
        mask,
        pickedIfGiven(batch.importanceWeights(), tokens),
        new RowSequences(
            IntStream.of(rows).map(row -> sequences.ofRow()[row]).toArray(),
            IntStream.of(rows).mapToLong(row -> sequences.tokens()[row]).toArray()),
        entropies);
  }

  private static double[] picked(double[] values, int[] at) {
    return IntStream.of(at).mapToDouble(i -> values[i]).toArray();
  }

  private static double @Nullable [] pickedIfGiven(double @Nullable [] values, int[] at) {
    return values == null ? null : picked(values, at);
  }
}
