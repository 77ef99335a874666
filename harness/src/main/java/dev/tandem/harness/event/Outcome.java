package dev.tandem.harness.event;

import java.util.List;
import java.util.Optional;

/** What a processor decides about an event: exactly one of five. */
public sealed interface Outcome {
  /**
   * The event goes on unchanged.
   *
   * @param swap a wish to go on under another harness version from the next step boundary on; not
   *     at task_end
   */
  record Pass(Optional<SwapRequest> swap) implements Outcome {}

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

  Outcome PASS = new Pass(Optional.empty());

  /** Passes the event on and asks for another harness version. */
  static Outcome passAndSwap(SwapRequest request) {
    return new Pass(Optional.of(request));
  }
}
