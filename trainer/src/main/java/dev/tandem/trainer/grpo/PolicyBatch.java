package dev.tandem.trainer.grpo;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Response tokens of some rows, laid end to end. The arrays are not copied: whoever builds a batch
 * hands them over.
 *
 * @param rowOffsets {@code [rows + 1]}; row i is tokens {@code [rowOffsets[i], rowOffsets[i + 1])}
 * @param logProbs {@code [tokens]} under the policy being trained
 * @param behaviourLogProbs {@code [tokens]} under the checkpoint that generated the row
 * @param referenceLogProbs {@code [tokens]} under the initial checkpoint; null where no KL is
 *     wanted
 * @param advantages {@code [rows]}
 * @param mask {@code [tokens]} true for tokens to train on; null for all of them
 * @param importanceWeights {@code [tokens]} from {@link ImportanceCorrection#weights}; null for 1
 * @param sequences which rows make up one sequence; null where every row is one
 * @param entropies {@code [tokens]} of the policy being trained, in nats; null where no entropy
 *     bonus is wanted
 */
@SuppressWarnings("ArrayRecordComponent") // flat views for the kernels
public record PolicyBatch(
    int[] rowOffsets,
    double[] logProbs,
    double[] behaviourLogProbs,
    double @Nullable [] referenceLogProbs,
    double[] advantages,
    boolean @Nullable [] mask,
    double @Nullable [] importanceWeights,
    @Nullable RowSequences sequences,
    double @Nullable [] entropies) {
  /** Checks that the lengths agree. */
  public PolicyBatch {
    int tokens = logProbs.length;
    requireLength("rowOffsets", rowOffsets.length, advantages.length + 1);
    requireLength("behaviourLogProbs", behaviourLogProbs.length, tokens);
    if (referenceLogProbs != null) {
      requireLength("referenceLogProbs", referenceLogProbs.length, tokens);
    }
    if (mask != null) {
      requireLength("mask", mask.length, tokens);
    }
    if (importanceWeights != null) {
      requireLength("importanceWeights", importanceWeights.length, tokens);
    }
    if (entropies != null) {
      requireLength("entropies", entropies.length, tokens);
    }
    if (sequences != null) {
      requireLength("sequences", sequences.ofRow().length, advantages.length);
    }
    if (rowOffsets[0] != 0 || rowOffsets[advantages.length] != tokens) {
      throw new IllegalArgumentException(
          "rowOffsets must start at 0 and end at the number of tokens, " + tokens);
    }
    for (int row = 0; row < advantages.length; row++) {
      if (rowOffsets[row + 1] < rowOffsets[row]) {
        throw new IllegalArgumentException(
            "row %d must not end before it starts, was [%d, %d)"
                .formatted(row, rowOffsets[row], rowOffsets[row + 1]));
      }
    }
  }

  /** A batch of which every token is trained on, without reference or importance weights. */
  public static PolicyBatch of(
      int[] rowOffsets, double[] logProbs, double[] behaviourLogProbs, double[] advantages) {
    return new PolicyBatch(
        rowOffsets, logProbs, behaviourLogProbs, null, advantages, null, null, null, null);
  }

  /** This batch with other log-probabilities of the policy being trained. */
  public PolicyBatch withLogProbs(double[] present) {
    return new PolicyBatch(
        rowOffsets,
        present,
        behaviourLogProbs,
        referenceLogProbs,
        advantages,
        mask,
        importanceWeights,
        sequences,
        entropies);
  }

  /** This batch with log-probabilities of the reference policy. */
  public PolicyBatch withReferenceLogProbs(double @Nullable [] reference) {
    return new PolicyBatch(
        rowOffsets,
        logProbs,
        behaviourLogProbs,
        reference,
        advantages,
        mask,
        importanceWeights,
        sequences,
        entropies);
  }

  /** This batch with another mask. */
  public PolicyBatch withMask(boolean @Nullable [] trained) {
    return new PolicyBatch(
        rowOffsets,
        logProbs,
        behaviourLogProbs,
        referenceLogProbs,
        advantages,
        trained,
        importanceWeights,
        sequences,
        entropies);
  }

  /** This batch with other importance weights. */
  public PolicyBatch withImportanceWeights(double @Nullable [] weights) {
    return new PolicyBatch(
        rowOffsets,
        logProbs,
        behaviourLogProbs,
        referenceLogProbs,
        advantages,
        mask,
        weights,
        sequences,
        entropies);
  }

  /** This batch with rows that make up sequences. */
  public PolicyBatch withSequences(@Nullable RowSequences rows) {
    return new PolicyBatch(
        rowOffsets,
        logProbs,
        behaviourLogProbs,
        referenceLogProbs,
        advantages,
        mask,
        importanceWeights,
        rows,
        entropies);
  }

  /** This batch with the policy's entropies. */
  public PolicyBatch withEntropies(double @Nullable [] ofTokens) {
    return new PolicyBatch(
        rowOffsets,
        logProbs,
        behaviourLogProbs,
        referenceLogProbs,
        advantages,
        mask,
        importanceWeights,
        sequences,
        ofTokens);
  }

  /** Rows {@code [fromRow, toRow)} as a microbatch of their own. */
  public PolicyBatch slice(int fromRow, int toRow) {
    int from = rowOffsets[fromRow];
    int to = rowOffsets[toRow];
    int[] offsets = new int[toRow - fromRow + 1];
    Arrays.setAll(offsets, row -> rowOffsets[fromRow + row] - from);
    return new PolicyBatch(
        offsets,
        Arrays.copyOfRange(logProbs, from, to),
        Arrays.copyOfRange(behaviourLogProbs, from, to),
        referenceLogProbs == null ? null : Arrays.copyOfRange(referenceLogProbs, from, to),
        Arrays.copyOfRange(advantages, fromRow, toRow),
        mask == null ? null : Arrays.copyOfRange(mask, from, to),
        importanceWeights == null ? null : Arrays.copyOfRange(importanceWeights, from, to),
        sequences == null ? null : sequences.slice(fromRow, toRow),
        entropies == null ? null : Arrays.copyOfRange(entropies, from, to));
  }

  /** The number of rows. */
  public int rows() {
    return advantages.length;
  }

  /** The number of tokens, masked ones included. */
  public int tokens() {
    return logProbs.length;
  }

  int rowStart(int row) {
    return rowOffsets[row];
  }

  int rowEnd(int row) {
    return rowOffsets[row + 1];
  }

  boolean isTrained(int token) {
    return mask == null || mask[token];
  }

  /** The number of tokens of a row that are trained on. */
  int trainedTokens(int row) {
    int trained = 0;
    for (int token = rowStart(row); token < rowEnd(row); token++) {
      trained += isTrained(token) ? 1 : 0;
    }
    return trained;
  }

  /** The number of tokens that are trained on of the whole sequence that a row is a part of. */
  long sequenceTokens(int row) {
    return sequences == null ? trainedTokens(row) : sequences.tokens()[row];
  }

  /** The rows by sequence, numbered by first appearance. */
  Grouping rowsBySequence() {
    return sequences == null
        ? Grouping.singly(rows())
        : Grouping.by(Arrays.stream(sequences.ofRow()).boxed().toList());
  }

  /** The mask, spelt out: {@code [tokens]}. */
  boolean[] trained() {
    if (mask != null) {
      return mask;
    }
    boolean[] all = new boolean[tokens()];
    Arrays.fill(all, true);
    return all;
  }

  static void requireLength(String name, int length, int expected) {
    if (length != expected) {
      throw new IllegalArgumentException(
          name + " must have " + expected + " entries, had " + length);
    }
  }
}
