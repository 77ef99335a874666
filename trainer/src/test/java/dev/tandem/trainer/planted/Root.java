package dev.tandem.trainer.planted;

import dev.tandem.trainer.planted.leaf.Leaf;

/** Needs a package below its own, which needs it. */
public final class Root {
  public Leaf leaf() {
    return new Leaf();
  }
}
