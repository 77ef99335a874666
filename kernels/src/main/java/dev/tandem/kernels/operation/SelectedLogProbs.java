package dev.tandem.kernels.operation;

import org.jspecify.annotations.Nullable;

/**
 * The log-probability of one chosen token per row, and the entropy of the row's distribution, in
 * one reading of the logits. With {@code x = logits / temperature}:
 *
 * <pre>
 *   logSumExp = m + log(s),  m = max_j x_j,  s = sum_j exp(x_j - m)
 *   logProb   = x_id - logSumExp
 *   entropy   = -sum_j p_j log(p_j) = log(s) - (1 / s) sum_j exp(x_j - m) (x_j - m)
 * </pre>
 *
 * <p>The maximum may be followed while summing (online softmax, arXiv 1805.02867). F64 rows are
 * summed in float64. BF16 and F32 rows are summed in float32 in blocks, and in float64 across them,
 * so that the error of a result grows with the block and not with the row; in host memory in the
 * order of {@link SingleRows}, whose bits are the same on every backend.
 *
 * <p>A logit of -infinity is an impossible token: it adds nothing to the entropy, and its own
 * log-probability is -infinity. A row of nothing else, or one with NaN or +infinity, has NaN for
 * log-probability, entropy and log-sum-exp; other rows are not affected.
 *
 * @param logits {@code [rows x vocabulary]} F32, F64 or BF16
 * @param ids {@code [rows]} I32, in {@code [0, vocabulary)}; on a device an id outside gives NaN
 * @param temperature what logits are divided by, finite and above 0
 * @param logProbs {@code [rows]}, written; F64 for F64 logits, otherwise F32
 * @param entropies {@code [rows]} of the same type, written; null when they are not wanted
 * @param logSumExps {@code [rows]} F64, written, for the way back; null when they are not wanted
 */
public record SelectedLogProbs(
    Matrix logits,
    Values ids,
    double temperature,
    Values logProbs,
    @Nullable Values entropies,
    @Nullable Values logSumExps)
    implements Operation {
  /** Checks shapes and types. */
  public SelectedLogProbs {
    Shapes.logits(logits);
    Shapes.temperature(temperature);
    ArrayElement perToken = Shapes.perToken(logits.type());
    Shapes.input("ids", ids, ArrayElement.I32, logits.rows(), logits.place());
    Shapes.output("logProbs", logProbs, perToken, logits.rows(), logits.place());
    Shapes.output("entropies", entropies, perToken, logits.rows(), logits.place());
    Shapes.output("logSumExps", logSumExps, ArrayElement.F64, logits.rows(), logits.place());
    Shapes.apart("logProbs", logProbs.segment(), "logits", logits.segment());
    Shapes.apart("logProbs", logProbs, "ids", ids);
    Shapes.apart("entropies", entropies, "logProbs", logProbs);
    Shapes.apart("logSumExps", logSumExps, "logProbs", logProbs);
    Shapes.apart("logSumExps", logSumExps, "entropies", entropies);
  }

  @Override
  public Place place() {
    return logits.place();
  }

  /**
   * Writes what is known of a row from the sums over it; for backends.
   *
   * @param chosen the chosen token's logit
   * @param reference what the others were taken relative to: the row's largest logit, or near it
   * @param sum of {@code exp((logit - reference) / temperature)}
   * @param product of the same times {@code logit - reference}
   */
  public void write(long row, double chosen, double reference, double sum, double product) {
    // In the interpreter and in both compilers, StrictMath gives the same bits.
    double logSum = StrictMath.log(sum);
    logProbs.set(row, (chosen - reference) / temperature - logSum);
    if (entropies != null) {
      entropies.set(row, logSum - product / sum / temperature);
    }
    if (logSumExps != null) {
      logSumExps.set(row, reference / temperature + logSum);
    }
  }

  @Override
  public void checkContents() {
    Shapes.checkIds(ids, logits.columns());
  }
}
