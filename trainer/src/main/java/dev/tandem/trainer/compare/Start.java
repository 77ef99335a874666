package dev.tandem.trainer.compare;

import dev.tandem.rollout.spi.TaskCatalogue;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.warmstart.TaskShares;
import java.util.List;

/** The run that only warms up, so that all runs of a seed can begin with the same weights. */
public final class Start {
  /** What its cells are called in the place of a condition. */
  public static final String NAME = "start";

  /** Its settings, over those that all conditions share. */
  public static final List<String> SETTINGS = List.of("mode=static", "rounds=0");

  private Start() {}

  /** Whether a run has a warm start of its own to share. */
  public static boolean isWarmedUp(RunConfig run) {
    return run.model().checkpoint().isEmpty() && run.model().outside().isEmpty();
  }

  /**
   * Whether a run that begins with another's weights is the run that it would be by itself: it
   * warms up in the same way, and plays no task that was demonstrated.
   */
  public static boolean serves(RunConfig run, RunConfig start, TaskCatalogue tasks) {
    return isWarmedUp(run)
        && run.warmStart().chats().file() == null
        && run.seed() == start.seed()
        && run.model().equals(start.model())
        && run.warmStart().equals(start.warmStart())
        && run.environment().equals(start.environment())
        && run.plugins().equals(start.plugins())
        && run.harness().equals(start.harness())
        && run.versions().equals(start.versions())
        && run.tools().equals(start.tools())
        && run.services().equals(start.services())
        && run.rollout().trainTasks() == start.rollout().trainTasks()
        && run.rollout().budget().equals(start.rollout().budget())
        && TaskShares.of(tasks, run).played() == run.rollout().trainTasks();
  }
}
