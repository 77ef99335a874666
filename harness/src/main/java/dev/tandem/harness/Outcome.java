package dev.tandem.harness;

import java.util.List;

/** What a processor decides about an event: exactly one of five. */
public sealed interface Outcome {
  /** The event goes on unchanged. */
  record Pass() implements Outcome {}

  /** A changed event goes on. */
  record Transform(Event event) implements Outcome {}

  /** Several events go on, each through the rest of the chain independently. */
  record Split(List<Event> events) implements Outcome {
    public Split {
      events = List.copyOf(events);
      if (events.size() < 2) {
        throw new IllegalArgumentException(
            "a split needs at least 2 events, was "
                + events.size()
                + ": use transform or intercept");
      }
    }
  }

  /**
   * The rest of the chain and the action itself do not happen.
   *
   * @param note what the model is told instead
   */
  record Intercept(String note) implements Outcome {}

  /** The episode ends; task_end still runs. */
  record Interrupt(ExitReason reason, String detail) implements Outcome {}

  Outcome PASS = new Pass();
}
