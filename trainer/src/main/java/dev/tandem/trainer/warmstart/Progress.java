package dev.tandem.trainer.warmstart;

import java.util.ArrayList;
import java.util.List;

/**
 * How far a warm start is.
 *
 * @param pass passes done, which is also the number of the one under way
 * @param step optimiser steps done in the pass under way
 * @param steps optimiser steps done in all
 * @param heldOut loss on the held-out demonstrations after each pass [nats per response token]
 */
public record Progress(int pass, int step, int steps, List<Double> heldOut) {
  /** Nothing is done. */
  public static final Progress NONE = new Progress(0, 0, 0, List.of());

  public Progress {
    heldOut = List.copyOf(heldOut);
    if (heldOut.size() != pass) {
      throw new IllegalArgumentException(
          "after %d passes there must be as many held-out losses, there were %d"
              .formatted(pass, heldOut.size()));
    }
  }

  Progress stepped() {
    return new Progress(pass, step + 1, steps + 1, heldOut);
  }

  Progress passed(double loss) {
    List<Double> longer = new ArrayList<>(heldOut);
    longer.add(loss);
    return new Progress(pass + 1, 0, steps, longer);
  }
}
