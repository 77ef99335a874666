package dev.tandem.trainer.grpo;

import java.util.function.IntPredicate;

/**
 * The denominators of an optimiser step. Each microbatch is divided by the counts of the whole
 * batch, so that losses, gradients and metrics of the microbatches add up to those of the batch.
 *
 * @param tokens tokens trained on, over all microbatches and devices
 * @param sequences sequences with at least one such token
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
    return count(batch, _ -> true);
  }

  /** The counts of the rows that pull on the policy: those with an advantage. */
  public static GlobalCounts ofSignal(PolicyBatch batch) {
    return count(batch, row -> batch.advantages()[row] != 0);
  }

  private static GlobalCounts count(PolicyBatch batch, IntPredicate counted) {
    Grouping bySequence = batch.rowsBySequence();
    boolean[] seen = new boolean[bySequence.groups()];
    long tokens = 0;
    long sequences = 0;
    for (int row = 0; row < batch.rows(); row++) {
      int trained = counted.test(row) ? batch.trainedTokens(row) : 0;
      int sequence = bySequence.groupOfMember()[row];
      tokens += trained;
      sequences += trained > 0 && !seen[sequence] ? 1 : 0;
      seen[sequence] |= trained > 0;
    }
    return new GlobalCounts(tokens, sequences);
  }

  /** The counts of two batches together, of which no sequence has a part in both. */
  public GlobalCounts plus(GlobalCounts other) {
    return new GlobalCounts(tokens + other.tokens, sequences + other.sequences);
  }

  void requireCover(GlobalCounts part) {
    if (part.tokens > tokens || part.sequences > sequences) {
      throw new IllegalArgumentException(
          "global counts must cover the batch: it has %d tokens in %d sequences, they say %d in %d"
              .formatted(part.tokens, part.sequences, tokens, sequences));
    }
  }
}
