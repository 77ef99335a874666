package dev.tandem.harness.spi;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Outcome;

/**
 * A running processor: one instance per episode, so its fields may hold the episode's state and are
 * never shared. It must be deterministic in the events it has seen.
 */
@FunctionalInterface
public interface Processor {
  /**
   * Decides about one event of a hook that the processor's type declares. An exception ends the
   * episode with {@link ExitReason#PROCESSOR_FAILURE}, which counts against nobody. What a
   * processor that only observes throws is counted with the episode and changes nothing.
   */
  Outcome on(Event event);

  /**
   * The episode is over for this processor: after task_end, or when a swap leaves it behind. Called
   * once, however the episode ended.
   */
  default void close() {}
}
