package dev.tandem.trainer.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tandem.rollout.run.RolloutResult;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong around the agent in a round's train episodes, or in those that poisoned it.
 *
 * @param failedEpisodes planned episodes that were never judged
 * @param attempts how often an episode was begun
 * @param abandonedAttempts those whose thread did not end when it was told to
 * @param poisoned why the round changed nothing; absent where it did
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record FailureMetrics(
    int failedEpisodes, int attempts, int abandonedAttempts, @Nullable String poisoned) {

  /** Nothing where every episode was judged at the first attempt. */
  public static @Nullable FailureMetrics of(RolloutResult result) {
    return result.attempts() == result.planned() ? null : of(result, null);
  }

  static FailureMetrics of(RolloutResult result, @Nullable String poisoned) {
    return new FailureMetrics(
        result.failures().size(), result.attempts(), result.abandoned(), poisoned);
  }
}
