package dev.tandem.trainer.grpo;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * How token losses become one loss. All denominators are those of the whole batch; what a sequence
 * is, a turn or a trajectory, is {@link SequenceUnit}'s to say.
 */
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

  /** Whether it makes a difference what a sequence is. */
  boolean readsSequences() {
    return switch (this) {
      case TOKEN_MEAN -> false;
      case SEQUENCE_MEAN_TOKEN_SUM, SEQUENCE_MEAN_TOKEN_MEAN -> true;
    };
  }

  /** What the whole batch is divided by. */
  long denominator(GlobalCounts counts) {
    return switch (this) {
      case TOKEN_MEAN -> counts.tokens();
      case SEQUENCE_MEAN_TOKEN_SUM, SEQUENCE_MEAN_TOKEN_MEAN -> counts.sequences();
    };
  }

  /** What each token's loss is multiplied by: {@code [tokens]}, 0 outside the mask. */
  double[] tokenWeights(PolicyBatch batch, GlobalCounts counts) {
    double[] weights = new double[batch.tokens()];
    for (int row = 0; row < batch.rows(); row++) {
      double weight =
          switch (this) {
            case TOKEN_MEAN, SEQUENCE_MEAN_TOKEN_SUM -> 1.0 / denominator(counts);
            case SEQUENCE_MEAN_TOKEN_MEAN ->
                1 / (batch.sequenceTokens(row) + LENGTH_EPSILON) / denominator(counts);
          };
      for (int token = batch.rowStart(row); token < batch.rowEnd(row); token++) {
        weights[token] = batch.isTrained(token) ? weight : 0;
      }
    }
    return weights;
  }
}
