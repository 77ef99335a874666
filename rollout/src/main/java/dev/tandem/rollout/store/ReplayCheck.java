package dev.tandem.rollout.store;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.run.Step;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.EpisodeContext;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Plays a stored episode's actions again, for families whose worlds are replayable. */
public final class ReplayCheck {
  private ReplayCheck() {}

  /**
   * The first difference between an episode and what its actions lead to now, in a sentence; empty
   * when there is none.
   *
   * @throws TraceException when the family's worlds are not replayable
   */
  public static Optional<String> difference(Trajectory trajectory, EnvironmentFamily family) {
    if (!family.capabilities().replayable()) {
      throw new TraceException(
          "the worlds of %s may answer differently each time: their episodes cannot be played again"
              .formatted(family.id()));
    }
    try (Environment environment =
        family.open(trajectory.task(), EpisodeContext.of(trajectory.seed()))) {
      return difference(trajectory, environment);
    }
  }

  private static Optional<String> difference(Trajectory trajectory, Environment environment) {
    Set<String> tools =
        environment.tools().stream().map(ToolSpec::name).collect(Collectors.toSet());
    Observation now = environment.reset();
    for (Step step : trajectory.episode().steps()) {
      if (!environment.stateHash().orElse("").equals(step.stateHash())) {
        return Optional.of(
            "step %d of %s now begins in another state".formatted(step.index(), trajectory.id()));
      }
      if (step.executed() && step.tool().equals(ToolUse.COMMAND)) {
        now = environment.act(step.action());
      } else if (step.executed() && tools.contains(step.tool())) {
        now = environment.use(new ToolUse("", step.tool(), step.action()));
      } // else a tool of the harness, which leaves the environment alone
      if (!now.equals(step.after())) {
        return Optional.of(
            "step %d of %s now leads to '%s' and not to '%s'"
                .formatted(step.index(), trajectory.id(), now.text(), step.after().text()));
      }
    }
    return Optional.empty();
  }
}
