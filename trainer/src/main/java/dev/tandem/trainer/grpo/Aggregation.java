package dev.tandem.trainer.grpo;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How token losses become one loss. All denominators are those of the whole batch. */
public enum Aggregation {
  /** Every token counts the same (DAPO). */
  @JsonProperty("token-mean")
  TOKEN_MEAN,
  /** Token losses are summed in a sequence, and the sums averaged (Dr. GRPO up to a constant). */
  @JsonProperty("seq-mean-token-sum")
  SEQUENCE_MEAN_TOKEN_SUM,
  /** Every sequence counts the same, whatever its length (Eq. 4). */
  @JsonProperty("seq-mean-token-mean")
  SEQUENCE_MEAN_TOKEN_MEAN;

  /**
   * Added to a sequence's token count, as public implementations do against empty sequences. It
   * shifts a mean by one part in 10^8; without it, results would differ from theirs in the ninth
   * digit.
   */
  private static final double LENGTH_EPSILON = 1e-8;

  /** What each token's loss is multiplied by: {@code [tokens]}, 0 outside the mask. */
  double[] tokenWeights(PolicyBatch batch, GlobalCounts counts) {
    double[] weights = new double[batch.tokens()];
    for (int row = 0; row < batch.rows(); row++) {
      double weight =
          switch (this) {
            case TOKEN_MEAN -> 1.0 / counts.tokens();
            case SEQUENCE_MEAN_TOKEN_SUM -> 1.0 / counts.sequences();
            case SEQUENCE_MEAN_TOKEN_MEAN ->
                1 / (batch.trainedTokens(row) + LENGTH_EPSILON) / counts.sequences();
          };
      for (int token = batch.rowStart(row); token < batch.rowEnd(row); token++) {
        weights[token] = batch.isTrained(token) ? weight : 0;
      }
    }
    return weights;
  }
}
