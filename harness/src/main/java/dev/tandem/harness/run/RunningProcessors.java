package dev.tandem.harness.run;

import dev.tandem.harness.Harness;
import dev.tandem.harness.event.ContractBreachException;
import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.run.HookChains.Interruption;
import dev.tandem.harness.spi.GaveUpException;
import dev.tandem.harness.spi.PassedOverException;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.Services;
import dev.tandem.harness.spi.World;
import dev.tandem.harness.value.HarnessException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The running processors of one episode under one harness version: who made them, what their
 * failures mean, and that every one of them is closed. What an observer throws is counted and
 * nothing else; what any other processor throws ends the episode.
 */
final class RunningProcessors {
  private final Harness harness;
  private final List<Processor> processors;
  private final ObserverFailures observerFailures;

  /** Makes them, or takes those that are the same in both from another version. */
  private RunningProcessors(
      Harness harness,
      Services services,
      ObserverFailures observerFailures,
      @Nullable RunningProcessors before) {
    this.harness = harness;
    this.processors = new ArrayList<>(harness.size());
    this.observerFailures = observerFailures;
    try {
      for (int i = 0; i < harness.size(); i++) {
        Processor kept = before == null ? null : before.alike(harness, i);
        processors.add(kept == null ? make(i, services) : kept);
      }
    } catch (HarnessException | Fault e) {
      closeAllBut(before).ifPresent(e::addSuppressed);
      throw e;
    }
  }

  /**
   * @throws HarnessException when a processor lacks a service
   * @throws Fault when one cannot be made
   */
  static RunningProcessors begin(Harness harness, Services services) {
    return new RunningProcessors(harness, services, new ObserverFailures(), null);
  }

  /** Those of another version: what is made alike in both goes on, with its state. */
  RunningProcessors continuedAs(Harness next, Services services) {
    return new RunningProcessors(next, services, observerFailures, this);
  }

  private @Nullable Processor alike(Harness next, int position) {
    for (int i = 0; i < harness.size(); i++) {
      if (harness.makesAlike(i, next, position)) {
        return processors.get(i);
      }
    }
    return null;
  }

  /** An observer gets the services as they are: what it asks models is not the episode's. */
  private Processor make(int position, Services services) {
    boolean observes = isObserver(position);
    try {
      return Objects.requireNonNull(
          harness.newProcessor(position, observes ? harness.services() : services),
          "its factory made nothing");
    } catch (HarnessException e) {
      throw e;
    } catch (Throwable e) {
      Fault.letThrough(e);
      if (observes) {
        observerFailures.add(name(position), "begin", Fault.describe(e));
        return _ -> Outcome.PASS;
      }
      throw failure(position, "when it was made", e);
    }
  }

  Harness harness() {
    return harness;
  }

  ObserverFailures observerFailures() {
    return observerFailures;
  }

  boolean isObserver(int position) {
    return harness.type(position).dimension().observes();
  }

  private String name(int position) {
    return harness.type(position).id();
  }

  /**
   * Has a processor decide. A model or world that fails inside it is still the model's or world's
   * failure.
   */
  Outcome decide(int position, Event event) {
    try {
      return Objects.requireNonNull(processors.get(position).on(event), "it returned no outcome");
    } catch (Fault | Interruption | ContractBreachException | PassedOverException e) {
      throw e;
    } catch (GaveUpException e) {
      throw new GaveUpException(
          "processor '%s' gave up %s: %s".formatted(name(position), when(event), e.getMessage()));
    } catch (Model.ModelException e) {
      throw new Fault(ExitReason.MODEL_FAILURE, Fault.describe(e), e);
    } catch (World.WorldException e) {
      throw new Fault(ExitReason.ENVIRONMENT_FAILURE, Fault.describe(e), e);
    } catch (Throwable e) {
      Fault.letThrough(e);
      throw failure(position, when(event), e);
    }
  }

  private static String when(Event event) {
    return "at %s of step %d".formatted(event.hook().id(), event.step());
  }

  /** Lets an observer look at an event; it can do nothing but look. */
  void show(int position, Event event) {
    String reason;
    try {
      Outcome outcome = processors.get(position).on(event);
      if (Outcome.PASS.equals(outcome)) {
        return;
      }
      reason = "a processor that only observes must pass events on, it wanted " + outcome;
    } catch (Throwable e) {
      Fault.letThrough(e);
      reason = Fault.describe(e);
    }
    observerFailures.add(name(position), event.hook().id(), reason);
  }

  /** Closes all. */
  Optional<Fault> close() {
    return closeAllBut(null);
  }

  /** Closes those that do not go on in others, and tells the first failure. */
  Optional<Fault> closeAllBut(@Nullable RunningProcessors others) {
    Optional<Fault> first = Optional.empty();
    for (int i = 0; i < processors.size(); i++) {
      Processor processor = processors.get(i);
      if (others != null && others.isRunning(processor)) {
        continue;
      }
      try {
        processor.close();
      } catch (Throwable e) {
        Fault.letThrough(e);
        if (isObserver(i)) {
          observerFailures.add(name(i), "close", Fault.describe(e));
        } else if (first.isEmpty()) {
          first = Optional.of(failure(i, "at its close", e));
        }
      }
    }
    return first;
  }

  @SuppressWarnings("ReferenceEquality") // it is about the very instance
  private boolean isRunning(Processor processor) {
    return processors.stream().anyMatch(one -> one == processor);
  }

  private Fault failure(int position, String when, Throwable cause) {
    return new Fault(
        ExitReason.PROCESSOR_FAILURE,
        "processor '%s' failed %s: %s".formatted(name(position), when, Fault.describe(cause)),
        cause);
  }
}
