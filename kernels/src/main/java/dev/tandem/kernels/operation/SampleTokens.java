package dev.tandem.kernels.operation;

/**
 * Draws one token per row. What is drawn depends on the row's logits, seed and position and on
 * nothing else: not on the other rows, their order or number, nor on earlier draws. The seed is
 * {@link Philox}'s key, the position the upper half of its counter.
 *
 * <p>Probabilities and keys are computed in float64 whatever the type of the logits, so that
 * backends draw the same token but for ties at the last bit.
 *
 * <p>A logit of -infinity is never drawn. A row with NaN or +infinity, or without any finite logit,
 * gives token -1 and log-probability NaN.
 *
 * @param logits {@code [rows x vocabulary]} F32, F64 or BF16
 * @param seeds {@code [rows]} I64
 * @param positions {@code [rows]} I64
 * @param rule the distribution and the draw
 * @param tokens {@code [rows]} I32, written
 * @param logProbs {@code [rows]}, written: the token's log-probability under the model, {@code log
 *     softmax(logits)}, without temperature or filters; F64 for F64 logits, otherwise F32
 */
public record SampleTokens(
    Matrix logits,
    Values seeds,
    Values positions,
    SamplingRule rule,
    Values tokens,
    Values logProbs)
    implements Operation {
  /** Checks shapes and types. */
  public SampleTokens {
    Shapes.logits(logits);
    Shapes.input("seeds", seeds, ArrayElement.I64, logits.rows(), logits.place());
    Shapes.input("positions", positions, ArrayElement.I64, logits.rows(), logits.place());
    Shapes.output("tokens", tokens, ArrayElement.I32, logits.rows(), logits.place());
    Shapes.output(
        "logProbs", logProbs, Shapes.perToken(logits.type()), logits.rows(), logits.place());
    Shapes.apart("tokens", tokens.segment(), "logits", logits.segment());
    Shapes.apart("logProbs", logProbs.segment(), "logits", logits.segment());
    Shapes.apart("tokens", tokens, "logProbs", logProbs);
  }

  @Override
  public Place place() {
    return logits.place();
  }
}
