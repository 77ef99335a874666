package dev.tandem.harness;

import java.util.List;

/** A finished episode as the run loop saw it; judging it is the environment's business. */
public record Episode(
    List<Turn> turns,
    List<Step> steps,
    List<Trigger> triggers,
    ExitReason exitReason,
    String detail) {
  public Episode {
    turns = List.copyOf(turns);
    steps = List.copyOf(steps);
    triggers = List.copyOf(triggers);
  }
}
