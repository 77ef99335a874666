package dev.tandem.aegis;

import dev.tandem.rollout.FailedEpisode;
import dev.tandem.rollout.Trajectories;
import dev.tandem.rollout.run.RolloutResult;
import java.util.List;

/**
 * What a round of training leaves for evolution.
 *
 * @param round its number, later than that of any round before
 * @param plan which harness each episode ran under
 * @param judged the episodes that the verifier had a word on; gone through several times, and never
 *     held
 * @param failures episodes that failed for reasons outside the agent
 * @param seed every random stream is derived from it by name
 */
public record RoundEvidence(
    int round, RoundPlan plan, Trajectories judged, List<FailedEpisode> failures, long seed) {
  public RoundEvidence {
    failures = List.copyOf(failures);
  }

  /** Of episodes that somebody else keeps in memory. */
  public RoundEvidence(int round, RoundPlan plan, RolloutResult played, long seed) {
    this(round, plan, played.trajectories()::forEach, played.failures(), seed);
  }
}
