package dev.tandem.harness.run;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Hook;
import java.util.ArrayList;
import java.util.List;
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
 */
public record Episode(
    List<Turn> turns,
    List<Step> steps,
    List<Trigger> triggers,
    List<Swap> swaps,
    ExitReason exitReason,
    String detail) {
  public Episode {
    turns = List.copyOf(turns);
    steps = List.copyOf(steps);
    triggers = List.copyOf(triggers);
    swaps = List.copyOf(swaps);
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
