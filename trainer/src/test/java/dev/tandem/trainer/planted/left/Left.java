package dev.tandem.trainer.planted.left;

import dev.tandem.trainer.planted.right.Right;

/** Needs its neighbour, which needs it. */
public final class Left {
  public Right right() {
    return new Right();
  }
}
