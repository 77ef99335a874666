package dev.tandem.trainer.grpo;

/**
 * The denominators of an optimiser step. Each microbatch is divided by the counts of the whole
 * batch, so that losses, gradients and metrics of the microbatches add up to those of the batch.
 *
 * @param tokens tokens trained on, over all microbatches and devices
 * @param sequences rows with at least one such token
 */
public record GlobalCounts(long tokens, long sequences) {
  /** Checks the ranges. */
  public GlobalCounts {
    if (sequences < 0 || tokens < sequences) {
      throw new IllegalArgumentException(
          "global counts need 0 <= sequences <= tokens, were %d sequences and %d tokens"
              .formatted(sequences, tokens));
    }
  }

  /** The counts of one batch. */
  public static GlobalCounts of(PolicyBatch batch) {
    long tokens = 0;
    long sequences = 0;
    for (int row = 0; row < batch.rows(); row++) {
      int trained = batch.trainedTokens(row);
      tokens += trained;
      sequences += trained > 0 ? 1 : 0;
    }
    return new GlobalCounts(tokens, sequences);
  }

  /** The counts of two batches together. */
  public GlobalCounts plus(GlobalCounts other) {
    return new GlobalCounts(tokens + other.tokens, sequences + other.sequences);
  }

  void requireCover(PolicyBatch batch) {
    GlobalCounts own = of(batch);
    if (own.tokens > tokens || own.sequences > sequences) {
      throw new IllegalArgumentException(
          "global counts must cover the batch: it has %d tokens in %d sequences, they say %d in %d"
              .formatted(own.tokens, own.sequences, tokens, sequences));
    }
  }
}
