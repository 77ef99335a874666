package dev.tandem.rollout.spi;

import dev.tandem.harness.run.Episode;
import dev.tandem.harness.spi.World;
import dev.tandem.rollout.Verdict;

/**
 * A world that can be judged. One environment plays one episode and is closed after it, whatever
 * happened.
 */
public interface Environment extends World, AutoCloseable {
  /** Judges the finished episode by the state it led to. */
  Verdict verify(Episode episode);

  /**
   * The present state as a value; where {@link Capabilities#snapshots} says so.
   *
   * @throws UnsupportedOperationException elsewhere
   */
  default Snapshot snapshot() {
    throw new UnsupportedOperationException("this environment has no snapshots");
  }

  /**
   * Goes back to a state of this environment; where {@link Capabilities#snapshots} says so.
   *
   * @throws UnsupportedOperationException elsewhere
   */
  default void restore(Snapshot snapshot) {
    throw new UnsupportedOperationException("this environment has no snapshots");
  }

  /** Releases what the episode held; nothing by default. */
  @Override
  default void close() {}

  /** An immutable state; meaningful only to the environment that made it. */
  interface Snapshot {}
}
