package dev.tandem.aegis.evolve;

import dev.tandem.rollout.Trajectory;
import java.util.List;

/**
 * What must be seen in the next traces if an edit did what it claims: a processor's triggers, or,
 * for an edit that takes the processor away, none of them.
 */
public record Signature(String processor, boolean appears) {
  /** Episodes in which the processor changed something. */
  public long fired(List<Trajectory> trajectories) {
    return trajectories.stream()
        .filter(
            trajectory ->
                trajectory.episode().triggers().stream()
                    .anyMatch(trigger -> trigger.processor().equals(processor)))
        .count();
  }

  /** Whether these episodes bear the signature; none at all bear none. */
  public boolean shownBy(List<Trajectory> trajectories) {
    return !trajectories.isEmpty() && appears == fired(trajectories) > 0;
  }
}
