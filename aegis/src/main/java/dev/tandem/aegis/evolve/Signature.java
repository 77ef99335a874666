package dev.tandem.aegis.evolve;

import dev.tandem.rollout.Trajectory;
import java.util.List;

/**
 * What must be seen in traces if a change did what it claims: that a processor it brings acted.
 * That something did not happen is no signature: it would be found in any trace.
 */
public record Signature(String processor) {
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
    return fired(trajectories) > 0;
  }
}
