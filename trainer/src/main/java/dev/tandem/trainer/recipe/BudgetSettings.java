package dev.tandem.trainer.recipe;

import dev.tandem.rollout.run.EpisodeLimits;
import java.time.Duration;

/**
 * Limits of one episode beside the steps, which the task says. They belong to the episode and not
 * to its harness.
 *
 * @param tokens prompt and response tokens of all its model calls
 * @param money cost of all its model calls, in the currency of the prices; 0 for no limit
 * @param wallTime seconds from the beginning on, checked between steps; 0 for no limit, because
 *     what depends on the clock cannot be played again
 * @param modelCallsPerStep first call and retries of one step
 * @param swaps harness versions that may be swapped in
 */
public record BudgetSettings(
    long tokens, double money, double wallTime, int modelCallsPerStep, int swaps) {
  public static final BudgetSettings DEFAULTS = new BudgetSettings(1_000_000, 0, 0, 5, 4);

  public BudgetSettings {
    Require.atLeast("tokens", tokens, 1);
    Require.within("money", money, 0, 1e12);
    Require.within("wall_time", wallTime, 0, 1e9);
    Require.atLeast("model_calls_per_step", modelCallsPerStep, 1);
    Require.atLeast("swaps", swaps, 0);
  }

  /** Tokens and calls alone. */
  public BudgetSettings(int modelCallsPerStep) {
    this(DEFAULTS.tokens, 0, 0, modelCallsPerStep, DEFAULTS.swaps);
  }

  /** The limits of an episode that is given up after {@code deadline}. */
  public EpisodeLimits limits(Duration deadline) {
    return new EpisodeLimits(
        modelCallsPerStep,
        tokens,
        money == 0 ? EpisodeLimits.DEFAULT.money() : money,
        wallTime == 0 ? EpisodeLimits.DEFAULT.wallTime() : seconds(wallTime),
        swaps,
        deadline);
  }

  static Duration seconds(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }
}
