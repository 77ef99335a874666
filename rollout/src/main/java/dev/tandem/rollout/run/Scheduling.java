package dev.tandem.rollout.run;

import dev.tandem.rollout.spi.Capabilities;
import dev.tandem.rollout.spi.EnvironmentFamily;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How episodes and their model take turns. */
public enum Scheduling {
  /**
   * By a virtual clock: the model works only while every running episode waits for it. Batches are
   * the same each time, and whoever thinks holds everybody up; for worlds that answer at once.
   */
  LOCKSTEP,
  /**
   * Without a barrier: the model works whenever somebody waits, and a slow episode delays nobody.
   * Tokens are exact, batches differ from run to run; for servers and remote worlds.
   */
  FREE;

  /** What a recipe says when it leaves the choice to the world. */
  public static final String AUTO = "auto";

  Pace pace() {
    return switch (this) {
      case LOCKSTEP -> new Lockstep();
      case FREE -> new Free();
    };
  }

  /** The name in recipes. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Lockstep where the world allows it and is worth it. */
  public static Scheduling auto(Capabilities capabilities) {
    return capabilities.instant() && capabilities.replayable() ? LOCKSTEP : FREE;
  }

  /**
   * What a recipe says, for its world.
   *
   * @param name {@link #AUTO} or an {@link #id}
   * @throws IllegalArgumentException if there is no such scheduling, or not for this world
   */
  public static Scheduling named(String name, EnvironmentFamily family) {
    if (name.equals(AUTO)) {
      return auto(family.capabilities());
    }
    Scheduling chosen =
        Arrays.stream(values())
            .filter(one -> one.id().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "scheduling must be one of %s, was '%s'"
                            .formatted(List.of(AUTO, LOCKSTEP.id(), FREE.id()), name)));
    chosen.requireFor(family);
    return chosen;
  }

  /**
   * @throws IllegalArgumentException if episodes of this world cannot be scheduled so
   */
  void requireFor(EnvironmentFamily family) {
    if (this == LOCKSTEP && !family.capabilities().instant()) {
      throw new IllegalArgumentException(
          ("lockstep lets every episode wait for the slowest, and environment '%s' does not answer"
                  + " at once: say scheduling: free, or auto")
              .formatted(family.id()));
    }
  }
}
