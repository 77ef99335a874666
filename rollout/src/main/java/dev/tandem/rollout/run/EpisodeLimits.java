package dev.tandem.rollout.run;

import dev.tandem.harness.event.Budget;
import dev.tandem.rollout.TaskSpec;
import java.time.Duration;

/**
 * What an episode may take, beside its task's step limit. Reaching a limit of the budget ends an
 * episode as the agent's own doing; outliving the deadline is a failure of what is around it.
 *
 * @param modelCallsPerStep first call and retries of one step
 * @param tokens prompt and response tokens over the episode
 * @param money cost of all model calls, in the currency of the prices
 * @param wallTime time from reset on, checked between steps
 * @param swaps harness versions that may be swapped in
 * @param deadline how long an attempt may take to open, play, judge and close, not counting the
 *     time that it waits for the acting model, of which each call may take as long; then it is
 *     interrupted
 */
public record EpisodeLimits(
    int modelCallsPerStep,
    long tokens,
    double money,
    Duration wallTime,
    int swaps,
    Duration deadline) {
  private static final Duration LONGEST = Duration.ofDays(365);

  /** A million tokens and ten minutes; money and wall time are not limited. */
  public static final EpisodeLimits DEFAULT =
      new EpisodeLimits(
          5,
          1_000_000,
          Double.POSITIVE_INFINITY,
          Duration.ofSeconds(Long.MAX_VALUE),
          4,
          Duration.ofMinutes(10));

  public EpisodeLimits {
    // The rest is checked by the budget's own rules, now and not at the first episode.
    Budget _ = new Budget(1, modelCallsPerStep, tokens, money, wallTime, swaps);
    if (!deadline.isPositive() || deadline.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "an episode's deadline must be above 0 and at most a year, was " + deadline);
    }
  }

  /** The budget of an episode of this task. */
  public Budget budget(TaskSpec task) {
    return new Budget(task.stepLimit(), modelCallsPerStep, tokens, money, wallTime, swaps);
  }

  public EpisodeLimits withModelCallsPerStep(int calls) {
    return new EpisodeLimits(calls, tokens, money, wallTime, swaps, deadline);
  }

  public EpisodeLimits withDeadline(Duration other) {
    return new EpisodeLimits(modelCallsPerStep, tokens, money, wallTime, swaps, other);
  }
}
