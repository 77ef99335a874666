package dev.tandem.trainer.model.learn;

import ai.djl.pytorch.engine.PtNDArray;
import dev.tandem.trainer.model.shape.DecoderInputException;
import dev.tandem.trainer.model.torch.TensorScope;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A batch's log-probabilities with everything that their gradient needs still in memory.
 *
 * <p>The loss lives in Java: read {@link #logProbs} and {@link #entropies}, compute the loss's
 * derivatives, hand them to {@link #backward(double[], double[], Gradients)}.
 */
public final class ForwardPass implements AutoCloseable {

  /**
   * A chunk, and what its backward pass needs until its scope is closed.
   *
   * @param logSumExps [tokens] of the logits; none where the program finds them again
   */
  @SuppressWarnings("ArrayRecordComponent") // bulk data, never compared
  record Held(
      LogProbHead.Input input,
      PtNDArray[] states,
      double[] logProbs,
      double[] entropies,
      double[] logSumExps) {}

  private final Differentiation differentiation;
  private final TensorScope scope;
  private final List<Held> held;
  private final double[] logProbs;
  private final double[] entropies;
  private boolean open = true;

  ForwardPass(Differentiation differentiation, TensorScope scope, List<Held> held, int tokens) {
    this.differentiation = differentiation;
    this.scope = scope;
    this.held = new ArrayList<>(held);
    logProbs = new double[tokens];
    entropies = new double[tokens];
    for (Held one : held) {
      one.input().chunk().scatter(one.logProbs(), logProbs);
      one.input().chunk().scatter(one.entropies(), entropies);
    }
  }

  /**
   * The response tokens' log-probabilities, [tokens], in the order of the records; as exact as the
   * decoder's arithmetic.
   */
  public double[] logProbs() {
    return logProbs.clone();
  }

  /** The entropy in nats of the distribution that each response token was drawn from, [tokens]. */
  public double[] entropies() {
    return entropies.clone();
  }

  /** The same for a loss that does not depend on entropies. */
  public void backward(double[] lossByLogProb, Gradients into) {
    backward(lossByLogProb, null, into);
  }

  /**
   * Adds the loss's gradient to {@code into}, then closes this pass.
   *
   * @param lossByLogProb the loss's derivative with respect to {@link #logProbs}, [tokens]
   * @param lossByEntropy the same with respect to {@link #entropies}; null where it has none
   * @param into where to add
   */
  public void backward(double[] lossByLogProb, double @Nullable [] lossByEntropy, Gradients into) {
    if (!open) {
      throw new IllegalStateException("this pass is closed; run forward again");
    }
    requireOneAToken(lossByLogProb);
    if (lossByEntropy != null) {
      requireOneAToken(lossByEntropy);
    }
    try {
      differentiation.backward(held, lossByLogProb, lossByEntropy, into);
    } finally {
      close();
    }
  }

  private void requireOneAToken(double[] derivatives) {
    if (derivatives.length != logProbs.length) {
      throw new DecoderInputException(
          "the loss has %d derivatives for %d response tokens"
              .formatted(derivatives.length, logProbs.length));
    }
  }

  /** Frees the native memory; harmless after {@link #backward}. */
  @Override
  public void close() {
    if (open) {
      open = false;
      held.clear();
      scope.close();
    }
  }
}
