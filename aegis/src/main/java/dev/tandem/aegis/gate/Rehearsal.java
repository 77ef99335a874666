package dev.tandem.aegis.gate;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.rollout.run.RolloutResult;
import java.util.List;

/** Plays tasks of the gate split under a harness. */
public interface Rehearsal {
  /**
   * Plays these gate tasks once each. An episode's seed must depend on its task and on {@code
   * attempt} alone, so that two harnesses face common random numbers.
   *
   * @param tasks places in the split, ascending
   * @param attempt 0 but for rules that play a task more than once
   * @return what became of each task's episode, in order
   */
  RolloutResult run(HarnessConfig harness, List<Integer> tasks, int attempt);

  /** What kind of task this one is. */
  String category(int task);
}
