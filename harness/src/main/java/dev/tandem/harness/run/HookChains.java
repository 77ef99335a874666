package dev.tandem.harness.run;

import dev.tandem.harness.Harness;
import dev.tandem.harness.event.ContractBreachException;
import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.event.SwapRequest;
import dev.tandem.harness.spi.GaveUpException;
import dev.tandem.harness.spi.PassedOverException;
import dev.tandem.harness.spi.Services;
import dev.tandem.harness.value.HarnessException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Sends events through the chains of hooks, contract checked, and records what changed them. */
final class HookChains {
  private final Harness harness;
  private final RunningProcessors processors;
  private final List<Trigger> triggers;
  private final List<Wish> wishes = new ArrayList<>();

  private HookChains(RunningProcessors processors, List<Trigger> triggers) {
    this.harness = processors.harness();
    this.processors = processors;
    this.triggers = triggers;
  }

  /**
   * The chains at the beginning of an episode.
   *
   * @throws HarnessException when a processor lacks a service
   * @throws Fault when one cannot be made
   */
  static HookChains begin(Harness harness, Services services) {
    return new HookChains(RunningProcessors.begin(harness, services), new ArrayList<>());
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

  /** A processor wants another harness version. */
  record Wish(String processor, SwapRequest request) {}

  /** A processor halts the episode. */
  static final class Interruption extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ExitReason reason;
    private final String detail;

    Interruption(ExitReason reason, String detail) {
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

  /** What went wrong among the observers so far. */
  List<ObserverFailure> observerFailures() {
    return processors.observerFailures().all();
  }

  /** The wishes since this was last asked, oldest first. */
  List<Wish> takeWishes() {
    if (wishes.isEmpty()) {
      return List.of();
    }
    List<Wish> taken = List.copyOf(wishes);
    wishes.clear();
    return taken;
  }

  /**
   * The chains of another version, with the state of all processors that are the same in both.
   *
   * @throws HarnessException when a processor of the other version lacks a service; this one then
   *     goes on as before
   * @throws Fault when a processor of the other version cannot be made
   */
  HookChains continuedAs(Harness next, Services services) {
    return new HookChains(processors.continuedAs(next, services), triggers);
  }

  /** Tells the processors that are not in the other chains that it is over for them. */
  Optional<Fault> closeAllBut(HookChains next) {
    return processors.closeAllBut(next.processors);
  }

  /** Tells all processors that it is over; all of them, whichever of them fails at it. */
  Optional<Fault> close() {
    return processors.close();
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
   * @throws GaveUpException when a processor's own policy is to end the episode
   * @throws Fault when a processor throws any other exception, or what it relies on fails
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
      if (processors.isObserver(position)) {
        processors.show(position, current);
        continue;
      }
      String name = harness.type(position).id();
      Outcome outcome = decide(position, current);
      switch (outcome) {
        case Outcome.Pass(Optional<SwapRequest> swap) ->
            swap.ifPresent(
                request -> {
                  Contract.requireSwappable(name, event);
                  wishes.add(new Wish(name, request));
                });
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
          showToRest(current, chain.subList(i + 1, chain.size()));
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

  /** Whoever looks on from further down still sees what a processor intercepted. */
  private void showToRest(Event event, List<Integer> rest) {
    for (int position : rest) {
      if (processors.isObserver(position)) {
        processors.show(position, event);
      }
    }
  }

  private Outcome decide(int position, Event event) {
    try {
      return processors.decide(position, event);
    } catch (PassedOverException e) {
      trigger(harness.type(position).id(), event, Trigger.FAILURE + e.getMessage());
      return Outcome.PASS;
    }
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
