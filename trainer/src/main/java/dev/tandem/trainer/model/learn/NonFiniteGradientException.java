package dev.tandem.trainer.model.learn;

import java.io.Serial;

/** A gradient with a NaN or an infinity: the step was not taken. */
public final class NonFiniteGradientException extends RuntimeException {

  @Serial private static final long serialVersionUID = 1L;

  NonFiniteGradientException(double norm, long stepsTaken) {
    super(
        "the gradient's norm is %s after %d steps; the weights are unchanged, lower the learning rate"
            .formatted(norm, stepsTaken));
  }
}
