package dev.tandem.trainer.planted.leaf;

import dev.tandem.trainer.planted.Root;

/** Needs the package above. */
public final class Leaf {
  public Root root() {
    return new Root();
  }
}
