package dev.tandem.rollout.spi;

import dev.tandem.harness.event.Observation;

/**
 * A scripted policy that knows only what it has been shown: the teacher of a warm start. One
 * instance plays one task.
 */
public interface Expert {
  /** Takes note of what the environment shows; call once per observation, in order. */
  void observe(Observation observation);

  /** The command the expert would give now. */
  String act();
}
