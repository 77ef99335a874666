package dev.tandem.kernels.operation;

import org.jspecify.annotations.Nullable;

/**
 * The way back through {@link SelectedLogProbs}, over the logits themselves and in one pass: with g
 * and h the derivatives of a loss with respect to a row's log-probability and entropy H, and {@code
 * p_j = exp(x_j - logSumExp)}, logit j is replaced by
 *
 * <pre>
 *   dL / dlogit_j = (g (1[j = id] - p_j) - h p_j (log(p_j) + H)) / temperature
 * </pre>
 *
 * <p>A row whose derivatives are both 0 is filled with 0 and never looked at; that is how masked
 * tokens and rows without meaning are skipped. An impossible token, of logit -infinity, gets 0 (or
 * {@code g / temperature} if it is the chosen one).
 *
 * @param logits {@code [rows x vocabulary]} F32, F64 or BF16: read, then overwritten by the
 *     gradient
 * @param ids {@code [rows]} I32, in {@code [0, vocabulary)}
 * @param temperature what logits are divided by, finite and above 0
 * @param logSumExps {@code [rows]} F64, as the way forward left them
 * @param logProbDerivatives {@code [rows]} g; F64 for F64 logits, otherwise F32
 * @param entropyDerivatives {@code [rows]} h; null for 0, and then {@code entropies} is null too
 * @param entropies {@code [rows]} as the way forward left them
 */
public record SelectedLogProbsBackward(
    Matrix logits,
    Values ids,
    double temperature,
    Values logSumExps,
    Values logProbDerivatives,
    @Nullable Values entropyDerivatives,
    @Nullable Values entropies)
    implements Operation {
  /** Checks shapes and types. */
  public SelectedLogProbsBackward {
    Shapes.logits(logits);
    Shapes.temperature(temperature);
    ArrayElement perToken = Shapes.perToken(logits.type());
    Shapes.writable("logits", logits.segment());
    Shapes.input("ids", ids, ArrayElement.I32, logits.rows(), logits.place());
    Shapes.input("logSumExps", logSumExps, ArrayElement.F64, logits.rows(), logits.place());
    Shapes.input("logProbDerivatives", logProbDerivatives, perToken, logits.rows(), logits.place());
    Shapes.input("entropyDerivatives", entropyDerivatives, perToken, logits.rows(), logits.place());
    Shapes.input("entropies", entropies, perToken, logits.rows(), logits.place());
    Shapes.require(
        (entropyDerivatives == null) == (entropies == null),
        "entropyDerivatives and entropies go together: give both or neither");
  }

  @Override
  public Place place() {
    return logits.place();
  }

  @Override
  public void checkContents() {
    Shapes.checkIds(ids, logits.columns());
  }
}
