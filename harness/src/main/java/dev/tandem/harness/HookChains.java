package dev.tandem.harness;

import java.util.ArrayList;
import java.util.List;

/** The running processors of one episode: sends events through a hook's chain, contract checked. */
final class HookChains {
  private final Harness harness;
  private final List<Processor> processors;
  private final List<Trigger> triggers = new ArrayList<>();

  HookChains(Harness harness) {
    this.harness = harness;
    this.processors = harness.newProcessors();
  }

  /** How an event left its chain. */
  sealed interface Passage<E extends Event> {
    /** The event as it was last. */
    E event();
  }

  /** It went through the whole chain. */
  record Through<E extends Event>(E event) implements Passage<E> {}

  /** A processor intercepted it. */
  record Intercepted<E extends Event>(E event, String note) implements Passage<E> {}

  /** A processor halts the episode. */
  static final class Interruption extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ExitReason reason;
    private final String detail;

    private Interruption(ExitReason reason, String detail) {
      super(detail, null, false, false);
      this.reason = reason;
      this.detail = detail;
    }

    ExitReason reason() {
      return reason;
    }

    String detail() {
      return detail;
    }
  }

  /** What the processors changed so far. */
  List<Trigger> triggers() {
    return triggers;
  }

  /** An event of a hook where nothing can be split: how it left the chain. */
  <E extends Event> Passage<E> send(E event, Class<E> type) {
    return sendAll(event, type).getFirst();
  }

  /** An event of a hook where nothing can be split or intercepted: the event after the chain. */
  <E extends Event> E pass(E event, Class<E> type) {
    return send(event, type).event();
  }

  /**
   * Sends an event through its chain; each part of a split goes through the rest on its own.
   *
   * @throws ContractBreachException when a processor does what it may not
   * @throws Interruption when a processor halts the episode
   */
  <E extends Event> List<Passage<E>> sendAll(E event, Class<E> type) {
    List<Integer> chain = harness.positions(event.hook());
    if (chain.isEmpty()) {
      return List.of(new Through<>(event));
    }
    List<Passage<E>> passages = new ArrayList<>(1);
    advance(event, event, chain, type, passages);
    return passages;
  }

  private <E extends Event> void advance(
      E start, E event, List<Integer> chain, Class<E> type, List<Passage<E>> passages) {
    E current = event;
    for (int i = 0; i < chain.size(); i++) {
      int position = chain.get(i);
      String name = harness.processorName(position);
      switch (processors.get(position).on(current)) {
        case Outcome.Pass _ -> {}
        case Outcome.Transform(Event changed) -> {
          checkChange(name, start, current, changed);
          current = type.cast(changed);
        }
        case Outcome.Split(List<Event> parts) -> {
          Contract.requireSplittable(name, current);
          trigger(name, current, "split");
          List<Integer> rest = chain.subList(i + 1, chain.size());
          for (Event part : parts) {
            checkChange(name, start, current, part);
            advance(start, type.cast(part), rest, type, passages);
          }
          return;
        }
        case Outcome.Intercept(String note) -> {
          Contract.requireInterceptable(name, current);
          trigger(name, current, "intercept");
          passages.add(new Intercepted<>(current, note));
          return;
        }
        case Outcome.Interrupt(ExitReason reason, String detail) -> {
          Contract.requireInterruptible(name, current, reason);
          trigger(name, current, "interrupt");
          throw new Interruption(reason, detail);
        }
      }
    }
    passages.add(new Through<>(current));
  }

  private void checkChange(String name, Event start, Event before, Event after) {
    for (String field : Contract.changes(name, start, before, after)) {
      trigger(name, before, field);
    }
  }

  private void trigger(String name, Event event, String field) {
    triggers.add(new Trigger(event.step(), event.hook(), name, field));
  }
}
