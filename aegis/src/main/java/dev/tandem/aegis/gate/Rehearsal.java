package dev.tandem.aegis.gate;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.rollout.Trajectory;
import java.util.List;

/** Plays tasks of the gate split under a harness. */
@FunctionalInterface
public interface Rehearsal {
  /**
   * Plays gate tasks {@code firstTask} to {@code firstTask + count - 1} once each. An episode's
   * seed must depend on its task and on {@code attempt} alone, so that two harnesses face common
   * random numbers.
   *
   * @param attempt 0 but for rules that play a task more than once
   * @return one trajectory per task, in order
   */
  List<Trajectory> run(HarnessConfig harness, int firstTask, int count, int attempt);
}
