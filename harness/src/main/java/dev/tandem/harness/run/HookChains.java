package dev.tandem.harness.run;

import dev.tandem.harness.Harness;
import dev.tandem.harness.event.ContractBreachException;
import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.event.SwapRequest;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.spi.PassedOverException;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.World;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The running processors of one episode under one harness version: sends events through a hook's
 * chain, contract checked.
 */
final class HookChains {
  private final Harness harness;
  private final List<Processor> processors;
  private final List<Trigger> triggers;
  private final List<Wish> wishes = new ArrayList<>();

  HookChains(Harness harness) {
    this.harness = harness;
    this.processors = new ArrayList<>(harness.size());
    this.triggers = new ArrayList<>();
    for (int i = 0; i < harness.size(); i++) {
      processors.add(harness.newProcessor(i));
    }
  }

  /** Goes on from another version: processors that are the same in both keep their state. */
  private HookChains(Harness harness, HookChains before) {
    this.harness = harness;
    this.processors = new ArrayList<>(harness.size());
    this.triggers = before.triggers;
    for (int i = 0; i < harness.size(); i++) {
      int position = i;
      processors.add(
          before.running(harness.spec(i)).orElseGet(() -> harness.newProcessor(position)));
    }
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

  /** A processor threw an exception. */
  static final class ProcessorFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private ProcessorFailure(String processor, Event event, RuntimeException cause) {
      super(
          "processor '%s' failed at %s of step %d: %s"
              .formatted(processor, event.hook().id(), event.step(), cause),
          cause);
    }
  }

  /** What the processors changed so far. */
  List<Trigger> triggers() {
    return triggers;
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
   */
  HookChains continuedAs(Harness next) {
    return new HookChains(next, this);
  }

  /** Tells the processors that are not in the other chains that it is over for them. */
  void closeAllBut(HookChains next) {
    processors.stream().filter(one -> !next.isRunning(one)).forEach(Processor::close);
  }

  /** Tells all processors that it is over. */
  void close() {
    processors.forEach(Processor::close);
  }

  @SuppressWarnings("ReferenceEquality") // it is about the very instance
  private boolean isRunning(Processor processor) {
    return processors.stream().anyMatch(one -> one == processor);
  }

  private Optional<Processor> running(ProcessorSpec spec) {
    for (int i = 0; i < harness.size(); i++) {
      if (harness.spec(i).equals(spec)) {
        return Optional.of(processors.get(i));
      }
    }
    return Optional.empty();
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
   * @throws ProcessorFailure when a processor throws an exception of its own
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
      String name = harness.type(position).id();
      Outcome outcome = decide(position, current);
      Contract.requireAllowed(harness.type(position), current, outcome);
      switch (outcome) {
        case Outcome.Pass(Optional<SwapRequest> swap) ->
            swap.ifPresent(request -> wishes.add(new Wish(name, request)));
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

  /** A model or world that fails inside a processor is still an infrastructure failure. */
  private Outcome decide(int position, Event event) {
    try {
      return Objects.requireNonNull(processors.get(position).on(event), "it returned no outcome");
    } catch (Model.ModelException | World.WorldException | ContractBreachException e) {
      throw e;
    } catch (PassedOverException e) {
      trigger(harness.type(position).id(), event, "failure: " + e.getMessage());
      return Outcome.PASS;
    } catch (RuntimeException e) {
      throw new ProcessorFailure(harness.type(position).id(), event, e);
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
