package dev.tandem.harness.run;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.model.ModelRole;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A finished episode as the run loop saw it; judging it is the environment's business.
 *
 * @param turns every model call
 * @param steps every action
 * @param triggers everything that processors changed
 * @param swaps changes of the harness version, refused ones included
 * @param detail the exit reason in a sentence; empty where it says all
 * @param spending on models by role, the processors' calls included
 * @param observerFailures what went wrong among those who only looked on
 */
public record Episode(
    List<Turn> turns,
    List<Step> steps,
    List<Trigger> triggers,
    List<Swap> swaps,
    ExitReason exitReason,
    String detail,
    Map<ModelRole, ModelSpending> spending,
    List<ObserverFailure> observerFailures) {
  public Episode {
    turns = List.copyOf(turns);
    steps = List.copyOf(steps);
    triggers = List.copyOf(triggers);
    swaps = List.copyOf(swaps);
    spending = Collections.unmodifiableMap(new TreeMap<>(spending));
    observerFailures = List.copyOf(observerFailures);
  }

  /** An episode of which it is not known what it spent. */
  public Episode(
      List<Turn> turns,
      List<Step> steps,
      List<Trigger> triggers,
      List<Swap> swaps,
      ExitReason exitReason,
      String detail) {
    this(turns, steps, triggers, swaps, exitReason, detail, Map.of(), List.of());
  }

  /** An episode that something around the agent kept from beginning. */
  public static Episode neverBegun(ExitReason reason, String detail) {
    return new Episode(List.of(), List.of(), List.of(), reason, detail);
  }

  /** The same episode with another ending, such as that its verifier broke. */
  public Episode endedBy(ExitReason otherReason, String otherDetail) {
    return new Episode(
        turns, steps, triggers, swaps, otherReason, otherDetail, spending, observerFailures);
  }

  /** An episode under one harness version. */
  public Episode(
      List<Turn> turns,
      List<Step> steps,
      List<Trigger> triggers,
      ExitReason exitReason,
      String detail) {
    this(turns, steps, triggers, List.of(), exitReason, detail);
  }

  /**
   * The episode cut where its history was restructured or its harness changed: within a segment
   * every prompt's history begins with the one before. Empty when no model was called.
   */
  public List<Segment> segments() {
    if (turns.isEmpty()) {
      return List.of();
    }
    SortedMap<Integer, String> causes = new TreeMap<>();
    for (Trigger trigger : triggers) {
      if (trigger.hook() == Hook.STEP_START && trigger.field().equals("history")) {
        causes.putIfAbsent(trigger.step(), trigger.processor());
      }
    }
    for (Swap swap : swaps) {
      if (swap.happened()) {
        causes.put(swap.step() + 1, "swap");
      }
    }
    int end = turns.getLast().step() + 1;
    List<Segment> segments = new ArrayList<>();
    int start = 0;
    String cause = "";
    for (var entry : causes.subMap(1, Math.max(1, end)).entrySet()) {
      segments.add(new Segment(start, entry.getKey(), cause));
      start = entry.getKey();
      cause = entry.getValue();
    }
    segments.add(new Segment(start, end, cause));
    return segments;
  }
}
