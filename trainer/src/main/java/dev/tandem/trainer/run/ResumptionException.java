package dev.tandem.trainer.run;

import java.io.Serial;

/** A run cannot go on from where it was told to; the message says from where it can. */
public final class ResumptionException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  ResumptionException(String message) {
    super(message);
  }
}
