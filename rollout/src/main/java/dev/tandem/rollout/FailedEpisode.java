package dev.tandem.rollout;

import dev.tandem.harness.event.ExitReason;

/**
 * An episode that ended for reasons outside the agent, however often it was tried. It has no
 * verdict: it is counted and reported, and nothing is learned from it or decided by it.
 *
 * @param id as a trajectory would have had
 * @param detail what happened, in a sentence
 * @param attempts how often it was tried
 */
public record FailedEpisode(
    String id,
    Phase phase,
    int round,
    TaskSpec task,
    String harnessHash,
    String checkpoint,
    long seed,
    ExitReason reason,
    String detail,
    int attempts) {
  public FailedEpisode {
    if (!reason.isInfrastructure()) {
      throw new IllegalArgumentException(
          "episode %s ended with %s, which is the agent's own doing: judge it"
              .formatted(id, reason));
    }
  }
}
