package dev.tandem.trainer.model.shape;

import java.io.Serial;

/** A request that the decoder cannot serve; the message names the row, the value and the limit. */
public final class DecoderInputException extends IllegalArgumentException {

  @Serial private static final long serialVersionUID = 1L;

  public DecoderInputException(String message) {
    super(message);
  }
}
