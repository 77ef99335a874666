package dev.tandem.kernels.operation;

/**
 * {@link SelectedLogProbs}, {@link ClippedPolicyLoss} and {@link SelectedLogProbsBackward} as one:
 * from the logits of a GRPO head to the loss and, over the logits, its gradient, without another
 * array of the logits' size. A row is read once for its sum and, while it is still in a near cache,
 * once more for its gradient.
 *
 * <p>Rows outside the mask are never looked at: their log-probability is 0 and their gradient is 0.
 *
 * @param logits {@code [tokens x vocabulary]} F32, F64 or BF16: read, then overwritten by the
 *     gradient of the whole loss
 * @param ids {@code [tokens]} I32, in {@code [0, vocabulary)}
 * @param temperature what logits are divided by, finite and above 0
 * @param loss the loss; its {@code logProbs} are written here, F64 for F64 logits, otherwise F32
 */
public record FusedPolicyLoss(Matrix logits, Values ids, double temperature, ClippedPolicyLoss loss)
    implements Operation {
  /** Checks shapes and types. */
  public FusedPolicyLoss {
    Shapes.logits(logits);
    Shapes.temperature(temperature);
    Shapes.writable("logits", logits.segment());
    Shapes.input("ids", ids, ArrayElement.I32, logits.rows(), logits.place());
    Shapes.output(
        "logProbs", loss.logProbs(), Shapes.perToken(logits.type()), logits.rows(), logits.place());
    Shapes.apart("logProbs", loss.logProbs().segment(), "logits", logits.segment());
    Shapes.apart("gradient", loss.terms().gradient().segment(), "logits", logits.segment());
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
