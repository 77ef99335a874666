package dev.tandem.aegis.evolve;

import dev.tandem.harness.event.Hook;
import dev.tandem.harness.run.Trigger;
import dev.tandem.rollout.Trajectory;
import java.util.List;
import java.util.function.Predicate;

/**
 * What must be seen in traces if a change did what it claims: that a processor it brings acted,
 * which is that it ran, and that an event the model or the world was still to see went on otherwise
 * than it came. That it failed is none: then the event went on as it was. That something did not
 * happen is no signature: it would be found in any trace.
 */
public record Signature(String processor) {
  /** Episodes in which the processor changed something while somebody was still to act on it. */
  public long fired(List<Trajectory> trajectories) {
    return having(trajectories, trigger -> !trigger.failed() && trigger.hook() != Hook.TASK_END);
  }

  /** Episodes in which the processor failed and was passed over. */
  public long failed(List<Trajectory> trajectories) {
    return having(trajectories, Trigger::failed);
  }

  private long having(List<Trajectory> trajectories, Predicate<Trigger> kind) {
    return trajectories.stream()
        .filter(
            trajectory ->
                trajectory.episode().triggers().stream()
                    .anyMatch(
                        trigger -> trigger.processor().equals(processor) && kind.test(trigger)))
        .count();
  }

  /** Whether these episodes bear the signature; none at all bear none. */
  public boolean shownBy(List<Trajectory> trajectories) {
    return fired(trajectories) > 0;
  }
}
