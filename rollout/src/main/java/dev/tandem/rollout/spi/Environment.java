package dev.tandem.rollout.spi;

import dev.tandem.harness.run.Episode;
import dev.tandem.harness.spi.World;
import dev.tandem.rollout.Verdict;

/** A world that can be judged, and put back to an earlier state. */
public interface Environment extends World {
  /** Judges the finished episode by the state it led to. */
  Verdict verify(Episode episode);

  /** The present state as a value. */
  Snapshot snapshot();

  /** Goes back to a state of this environment. */
  void restore(Snapshot snapshot);

  /** An immutable state; meaningful only to the environment that made it. */
  interface Snapshot {}
}
