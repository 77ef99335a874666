package dev.tandem.trainer.planted.right;

import dev.tandem.trainer.planted.left.Left;

/** Needs its neighbour, which needs it. */
public final class Right {
  public Left left() {
    return new Left();
  }
}
