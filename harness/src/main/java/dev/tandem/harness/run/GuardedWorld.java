package dev.tandem.harness.run;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.spi.World;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/** A world whose every failure, of whatever kind, is the environment's. */
record GuardedWorld(World world) implements World {
  @Override
  public Observation reset() {
    return guard(world::reset);
  }

  @Override
  public Observation act(String command) {
    return guard(() -> world.act(command));
  }

  @Override
  public List<ToolSpec> tools() {
    return guard(() -> List.copyOf(world.tools()));
  }

  @Override
  public Observation use(ToolUse use) {
    return guard(() -> world.use(use));
  }

  @Override
  public boolean isFinished() {
    return guard(world::isFinished);
  }

  @Override
  public Optional<String> stateHash() {
    return guard(world::stateHash);
  }

  private static <T> T guard(Callable<T> call) {
    return Fault.guard(ExitReason.ENVIRONMENT_FAILURE, "", call);
  }
}
