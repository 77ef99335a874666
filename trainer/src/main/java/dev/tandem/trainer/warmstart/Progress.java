package dev.tandem.trainer.warmstart;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a warm start is.
 *
 * @param pass passes done, which is also the number of the one under way
 * @param step optimiser steps done in the pass under way
 * @param steps optimiser steps done in all
 * @param before losses on what is held out before the first step; none while they are not measured
 * @param heldOut the same after each pass
 */
public record Progress(
    int pass, int step, int steps, @Nullable HeldOut before, List<HeldOut> heldOut) {
  /** Nothing is done. */
  public static final Progress NONE = new Progress(0, 0, 0, null, List.of());

  public Progress {
    heldOut = List.copyOf(heldOut);
    if (heldOut.size() != pass) {
      throw new IllegalArgumentException(
          "after %d passes there must be as many held-out losses, there were %d"
              .formatted(pass, heldOut.size()));
    }
  }

  Progress from(HeldOut measured) {
    return new Progress(pass, step, steps, measured, heldOut);
  }

  Progress stepped() {
    return new Progress(pass, step + 1, steps + 1, before, heldOut);
  }

  Progress passed(HeldOut losses) {
    List<HeldOut> longer = new ArrayList<>(heldOut);
    longer.add(losses);
    return new Progress(pass + 1, 0, steps, before, longer);
  }
}
