package dev.tandem.harness.run;

import dev.tandem.harness.Harness;
import dev.tandem.harness.event.Budget;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.ModelRole;
import dev.tandem.harness.spi.World;
import dev.tandem.harness.value.HarnessException;

/**
 * Runs one agent through one task: task_start, then per step { budget check, step_start,
 * before_model, model, after_model, per tool call { before_tool, act, after_tool }, step_end },
 * then task_end.
 */
public final class EpisodeRunner {
  private EpisodeRunner() {}

  /**
   * Runs an episode to its end on the calling thread; it shares nothing with other episodes but the
   * compiled harness and its services. Whatever model, world, tools and processors throw ends the
   * episode with a reason of its own instead of being thrown, and every processor is closed.
   *
   * <p>Wall time is measured by the harness's {@link java.time.InstantSource} service, by elapsed
   * time where there is none; money is what the completions say they cost.
   *
   * @param world not begun yet
   * @param seed from which the seed of every model request is derived
   * @throws HarnessException when the episode cannot begin: a tool or a service that the harness
   *     needs is not there
   */
  public static Episode run(Harness harness, World world, Model model, Budget budget, long seed) {
    return EpisodeRun.run(harness, world, model, budget, seed);
  }

  /**
   * Seed of one model request: a function of its place in the episode alone, so that a retry in one
   * step does not shift the random numbers of the next.
   *
   * @param call model call within the step, from 0
   */
  static long requestSeed(long seed, int step, int call) {
    return mix(mix(mix(seed) + step) + call);
  }

  /** {@link #requestSeed(long, int, int)} of what a processor asks a model of a role. */
  static long requestSeed(long seed, ModelRole role, int step, int call) {
    return requestSeed(mix(seed ^ role.id().hashCode()), step, call);
  }

  /** SplitMix64: a golden-gamma step and the finaliser of Stafford's variant 13. */
  private static long mix(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
